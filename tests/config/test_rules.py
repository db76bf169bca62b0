"""Every rule of docs/rules.md has a test, or is listed as not built yet."""

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


def test_rules_are_numbered_without_a_gap():
    numbers = sorted({int(rule[1:]) for rule in ids(RULES)})
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_built_rule_has_a_test():
    assert set(ids(LISTED)) <= marked()


def test_no_test_holds_a_rule_that_is_not_built_or_does_not_exist():
    assert marked() <= set(ids(LISTED))
