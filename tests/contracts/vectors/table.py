"""The vectors as a table for docs/verification-vectors.md: `python -m tests.contracts.vectors.table`."""

import os
from pathlib import Path

import django

TARGET = Path(__file__).resolve().parents[3] / "docs" / "verification-vectors.md"
HEAD = """# Conformance vectors of verification

`python -m tests.contracts.vectors.table` writes this page, `python -m tests.contracts.vectors.make FOLDER` the {count}
files: real contracts, drafted, sealed, voided and left to expire by the services, and what forgers, viewers and bad
luck make of them. For each of them `tests/contracts/vectors/` asks for our verdict, pyHanko alone
(`validate_pdf_signature` with the present root, and that of the trusted timestamp server) and poppler's
`pdfsig -nocert`, and fails when one of the three says anything else than is written here (pyHanko 0.38, poppler 22.12).

pyHanko's column is its bottom line and coverage, pdfsig's its word and whether it calls the whole document signed.
**Bold** is an answer of yes or no other than ours; the last column says why ours is right.
"""
COLUMNS = ("What was done", "Our verdict", "pyHanko alone", "pdfsig", "Why ours")


def page() -> str:
    from tests.contracts.vectors.opinions import says_yes
    from tests.contracts.vectors.vector import Vector, all_vectors

    def marked(opinion: str, vector: Vector) -> str:
        return opinion if says_yes(opinion) == vector.authentic else f"**{opinion}**"

    vectors = all_vectors()
    parts, family = [HEAD.format(count=len(vectors))], ""
    for vector in vectors:
        if vector.family != family:
            family = vector.family
            parts += [f"## {family.capitalize()}\n", _row(*COLUMNS), _row(*["---"] * len(COLUMNS))]
        verdict = f"{'authentic' if vector.authentic else 'not authentic'}: {', '.join(sorted(vector.findings))}"
        parts.append(
            _row(vector.what, verdict, marked(vector.pyhanko, vector), marked(vector.pdfsig, vector), vector.because)
        )
        if vector is vectors[-1] or vectors[vectors.index(vector) + 1].family != family:
            parts.append("")
    return "\n".join(parts)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    TARGET.write_text(page())
