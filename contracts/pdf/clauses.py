"""Clause texts with variables, and the clauses as printed."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from contracts.pdf.dates import print_time
from contracts.pdf.snapshot import ClauseText, ContractSnapshot

VARIABLES = ("count", "currency", "until")
"""Names that texts may use in braces. contracts/services/publishing.py explains them to staff."""
BRACES = re.compile(r"\{[^{}]*\}|[{}]")

PREVAILING = (
    " If the Chinese and English texts differ, the Chinese text prevails.",
    "本合同中英文文本不一致的，以中文文本为准。",
)


class PrintedClause(NamedTuple):
    """A clause in one language, with its variables replaced."""

    heading: str
    text: str
    set_apart: bool = False


def get_variable_values(snapshot: ContractSnapshot) -> dict[str, object]:
    """Return the value of each of VARIABLES in this contract, the same in both languages."""
    until = print_time(snapshot.valid_until, snapshot.time_zone) if snapshot.valid_until else "–"
    return {"count": len(snapshot.lines), "currency": snapshot.currency, "until": until}


def find_wrong_variables(text: str) -> list[str]:
    """Return unknown variables and single braces. A text that has any cannot be published."""
    known = {f"{{{name}}}" for name in VARIABLES}
    return [found for found in BRACES.findall(text) if found not in known]


def fill_clauses(
    clauses: Sequence[ClauseText], language: Literal["en", "zh-hans"], *, bilingual: bool, **values: object
) -> list[PrintedClause]:
    """Return the clauses in one language, with `values` for VARIABLES. `bilingual` adds which language prevails."""
    result = []
    for clause in clauses:
        english = (clause.heading_en, clause.text_en)
        heading, text = english if language == "en" else (clause.heading_zh, clause.text_zh)
        result.append(PrintedClause(heading, _fill(text, values), clause.set_apart))
    if bilingual and result:
        last = result[-1]
        result[-1] = last._replace(text=last.text + PREVAILING[0 if language == "en" else 1])
    return result


def _fill(text: str, values: dict[str, object]) -> str:
    """Replace the variables, in one pass, so that braces in a value stay as they are."""
    # Not str.format: a text could make it read attributes of the values.
    known = {f"{{{name}}}": str(values[name]) for name in VARIABLES}
    return BRACES.sub(lambda found: known.get(found[0], found[0]), text)
