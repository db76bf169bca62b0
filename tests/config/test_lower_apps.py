"""Lower apps know no upper one by name: no identifier and no code string in them names a contract or a ticket."""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.apps import ROOT

LOWER = ("common", "jobs", "emails", "accounts", "exports", "webhooks", "billing")
UPPER_NAME = re.compile(r"contract|ticket|payment_?request", re.IGNORECASE)
FILES = sorted(path for app in LOWER for path in (ROOT / app).rglob("*.py") if path.parent.name != "migrations")
AGENT = '"Electronic-Contract-Centre-Webhooks/1"'
"""The product's own name, which receivers see."""


def names_of(path: Path) -> Iterator[str]:
    """Yield the identifiers, and the strings that are codes: without a space, so that page texts are left out."""
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.NAME or (token.type == tokenize.STRING and " " not in token.string):
                yield token.string


def test_no_code_of_a_lower_app_names_what_an_upper_one_owns():
    assert len(FILES) > 100
    named = [
        (str(path.relative_to(ROOT)), name) for path in FILES for name in names_of(path) if UPPER_NAME.search(name)
    ]
    assert [name for name in named if name[1] != AGENT] == []
