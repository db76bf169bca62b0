"""What a vector is, and how the families declare theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pkgutil import iter_modules

from tests.contracts.vectors import families
from tests.contracts.vectors.keys import NOON
from tests.contracts.vectors.kit import Kit
from tests.contracts.vectors.opinions import says_yes


@dataclass(frozen=True)
class Vector:
    """One file and what must be said of it."""

    name: str
    family: str
    what: str
    """One sentence: what was done."""
    make: Callable[[Kit], bytes]
    authentic: bool
    findings: frozenset[str]
    """The codes that the verdict has, and no others."""
    status: str | None
    """Of the contract, where the verdict may name one."""
    number: str | None
    """Which of the kit's contracts the verdict names; None: none at all."""
    pyhanko: str
    """What pyHanko alone says with our root as the only trusted one: see opinions.py."""
    pdfsig: str
    """What `pdfsig -nocert` says."""
    because: str
    """Why our verdict is right where one of the others differs from it; empty where all agree."""
    asked: datetime

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
) -> Callable[[Callable[[Kit], bytes]], Callable[[Kit], bytes]]:
    """Declare the vector that the decorated function makes; its module is the family.

    `findings` are codes with spaces between, `of` is the contract that the verdict names, and `after` how long after
    the kit was made it is asked for.
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
            )
        )
        return make

    return declare


def all_vectors() -> list[Vector]:
    """Every vector, by family and in the order they are declared in."""
    for module in sorted(found.name for found in iter_modules(families.__path__)):
        import_module(f"{families.__name__}.{module}")
    return list(_declared)
