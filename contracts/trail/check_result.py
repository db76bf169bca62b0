from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check: the check, whether it passed, and details if not."""

    what: str
    sound: bool
    detail: str = ""
