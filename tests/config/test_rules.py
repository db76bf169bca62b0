"""Every rule of docs/rules.md has a test that holds it, or is listed as not built yet."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = (ROOT / "docs" / "rules.md").read_text()
LISTED, NOT_YET = RULES.split("## Not yet")


def ids(table: str) -> list[str]:
    return re.findall(r"^\| (R\d+) \|", table, re.MULTILINE)


def marked() -> set[str]:
    tests = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return {rule for text in tests for rule in re.findall(r'pytest\.mark\.rule\("(R\d+)"\)', text)}


def test_the_rules_are_numbered_without_a_gap():
    assert ids(LISTED) == [f"R{n}" for n in range(1, len(ids(LISTED)) + 1)]


def test_every_rule_has_a_test_or_is_listed_as_not_yet():
    assert set(ids(LISTED)) - marked() == set(ids(NOT_YET))


def test_no_test_holds_a_rule_that_does_not_exist():
    assert marked() <= set(ids(LISTED))
