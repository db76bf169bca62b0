"""Vectors, and how the families declare theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pkgutil import iter_modules

import time_machine

from tests.contracts.vectors import families
from tests.contracts.vectors.keys import NOON
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.opinions import says_yes


@dataclass(frozen=True)
class Vector:
    """A file, and the verdict that it must get."""

    name: str
    family: str
    what: str
    """What was done, in a sentence."""
    make: Callable[[Kit], bytes]
    authentic: bool
    findings: frozenset[str]
    """All codes of the verdict."""
    status: str | None
    """Status of the contract, if the verdict names one."""
    number: str | None
    """Key in the kit of the contract that the verdict names, or None."""
    pyhanko: str
    """pyHanko's result, with our root as the only trusted one (opinions.py)."""
    pdfsig: str
    """Result of `pdfsig -nocert`."""
    because: str
    """Why our verdict is right if another differs from it; empty if all agree."""
    asked: datetime
    slow: bool
    """True if the verdict takes seconds: only tests marked exhaustive ask for it."""

    def build(self, kit: Kit) -> bytes:
        with time_machine.travel(self.asked, tick=False):
            return self.make(kit)

    @property
    def hostile(self) -> bool:
        """True if only the sandbox may read the file."""
        return self.family in {"bombs", "strange files"}

    @property
    def all_agree(self) -> bool:
        return self.authentic == says_yes(self.pyhanko) == says_yes(self.pdfsig)


_declared: list[Vector] = []


def vector(
    what: str,
    *,
    authentic: bool = False,
    findings: str,
    of: str | None = None,
    status: str | None = None,
    pyhanko: str,
    pdfsig: str,
    because: str = "",
    name: str = "",
    after: timedelta = timedelta(0),
    slow: bool = False,
) -> Callable[[Callable[[Kit], bytes]], Callable[[Kit], bytes]]:
    """Declare the vector that the decorated function builds; its module is the family.

    `findings` are codes separated by blanks, `of` is the contract that the verdict names. The verdict is given `after`
    this long.
    """

    def declare(make: Callable[[Kit], bytes]) -> Callable[[Kit], bytes]:
        _declared.append(
            Vector(
                name=name or make.__name__.replace("_", "-"),
                family=make.__module__.rpartition(".")[2].replace("_", " "),
                what=what,
                make=make,
                authentic=authentic,
                findings=frozenset(findings.split()),
                status=status,
                number=of,
                pyhanko=pyhanko,
                pdfsig=pdfsig,
                because=because,
                asked=NOON + after,
                slow=slow,
            )
        )
        return make

    return declare


def all_vectors() -> list[Vector]:
    """Return every vector, by family, as declared."""
    for module in sorted(found.name for found in iter_modules(families.__path__)):
        import_module(f"{families.__name__}.{module}")
    return list(_declared)
