"""A contract's clauses as texts with variables, and as the document prints them."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from contracts.pdf.dates import print_time
from contracts.pdf.snapshot import ClauseText, ContractSnapshot

VARIABLES = ("count", "currency", "until")
"""Names that texts may hold in braces. `values_of` gives the values, contracts/services/publishing.py the meanings."""
BRACES = re.compile(r"\{[^{}]*\}|[{}]")

PREVAILING = (
    " If the Chinese and English texts differ, the Chinese text prevails.",
    "本合同中英文文本不一致的，以中文文本为准。",
)


class Clause(NamedTuple):
    """One clause as it is printed in one language."""

    heading: str
    text: str


def values_of(snapshot: ContractSnapshot) -> dict[str, object]:
    """What each of the VARIABLES stands for in this contract, the same in both languages."""
    until = print_time(snapshot.valid_until, snapshot.time_zone) if snapshot.valid_until else "–"
    return {"count": len(snapshot.lines), "currency": snapshot.currency, "until": until}


def wrong_variables(text: str) -> list[str]:
    """What stands in braces and is no variable, and braces that stand alone: such a text cannot be published."""
    known = {f"{{{name}}}" for name in VARIABLES}
    return [found for found in BRACES.findall(text) if found not in known]


def filled(
    clauses: Sequence[ClauseText], language: Literal["en", "zh-hans"], *, bilingual: bool, **values: object
) -> list[Clause]:
    """The clauses in one language, with `values` of the VARIABLES; `bilingual` adds which language prevails."""
    first = 0 if language == "en" else 2
    result = [Clause(clause[first], _fill(clause[first + 1], values)) for clause in clauses]
    if bilingual and result:
        heading, text = result[-1]
        result[-1] = Clause(heading, text + PREVAILING[0 if language == "en" else 1])
    return result


def _fill(text: str, values: dict[str, object]) -> str:
    """No str.format: it would read attributes of what it is given, as the text tells it to.

    In one pass: a value may hold braces, and nothing in it is replaced.
    """
    known = {f"{{{name}}}": str(values[name]) for name in VARIABLES}
    return BRACES.sub(lambda found: known.get(found[0], found[0]), text)
