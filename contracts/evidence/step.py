from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A check in README.txt. It passes if the output of the commands contains all of `prints`."""

    english: str
    chinese: str
    commands: str
    prints: tuple[str, ...]
