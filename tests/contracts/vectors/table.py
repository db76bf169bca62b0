"""Write the vectors as a table to docs/verification-vectors.md: `python -m tests.contracts.vectors.table`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.contracts.vectors.vector import Vector

TARGET = Path(__file__).resolve().parents[3] / "docs" / "verification-vectors.md"
HEAD = """# Conformance vectors of verification

{count} files, genuine and forged, with our findings and the results of pyHanko 0.38 (`validate_pdf_signature` with the
current root and the trusted timestamp server's) and of `pdfsig -nocert` (poppler 22.12). Files of one family with the
same results share a row.

    python -m tests.contracts.vectors.make FOLDER    # writes the files and vectors.json
    python -m tests.contracts.vectors.table          # writes this page
    make test ARGS=tests/contracts/vectors           # checks our findings; make test-all also the others' results

Only files with the finding `sealed` are authentic. A result of others is shown if it differs from our yes or no; the
[reasons](#reasons) say why ours is right. pyHanko's includes the coverage, pdfsig's whether the whole document is
signed. `vectors.json` has all results.
"""
COLUMNS = ("Files", "Our findings", "pyHanko", "pdfsig", "Why")


def page() -> str:
    from tests.contracts.vectors.vector import all_vectors

    vectors = all_vectors()
    reasons = list(dict.fromkeys(vector.because for vector in vectors if vector.because))
    parts = [HEAD.format(count=len(vectors))]
    for family in dict.fromkeys(vector.family for vector in vectors):
        rows: dict[tuple[str, ...], list[str]] = {}
        for vector in (vector for vector in vectors if vector.family == family):
            rows.setdefault(_results_of(vector, reasons), []).append(vector.what)
        parts += [f"## {family.capitalize()}\n", _row(*COLUMNS), _row(*["---"] * len(COLUMNS))]
        parts += [*(_row(" ".join(files), *results) for results, files in rows.items()), ""]
    parts += ["## Reasons\n", *(f"{number}. {reason}" for number, reason in enumerate(reasons, start=1)), ""]
    return "\n".join(parts)


def _results_of(vector: "Vector", reasons: list[str]) -> tuple[str, ...]:
    from tests.contracts.vectors.opinions import says_yes

    others = [
        "agrees" if says_yes(opinion) == vector.authentic else opinion for opinion in (vector.pyhanko, vector.pdfsig)
    ]
    reason = str(reasons.index(vector.because) + 1) if vector.because else ""
    return ", ".join(sorted(vector.findings)), *others, reason


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    TARGET.write_text(page())
