from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One check of README.txt. All of `prints` must be in what the commands print, where it holds."""

    english: str
    chinese: str
    commands: str
    prints: tuple[str, ...]
