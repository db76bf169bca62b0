"""The vectors as a table for docs/verification-vectors.md: `python -m tests.contracts.vectors.table`."""

import os
from pathlib import Path

import django

TARGET = Path(__file__).resolve().parents[3] / "docs" / "verification-vectors.md"
HEAD = """# Conformance vectors of verification

`python -m tests.contracts.vectors.table` writes this page, and `python -m tests.contracts.vectors.make FOLDER` the
{count} files: contracts drafted, sealed, voided and expired by the services, and versions of them changed by forgery,
by viewers and by damage. For each file `tests/contracts/vectors/` compares our verdict, pyHanko's
(`validate_pdf_signature` with the current root and the root of the trusted timestamp server) and the output of
poppler's `pdfsig -nocert` with this page, and fails on a difference (pyHanko 0.38, poppler 22.12).

pyHanko's column has its overall result and coverage, pdfsig's its result and whether the whole document is signed.
A result that differs from our yes or no is in **bold**; the last column explains why ours is right.
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
