from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect of the archive: the contract, file or list it concerns, the check that failed, and details."""

    where: str
    what: str
    detail: str
