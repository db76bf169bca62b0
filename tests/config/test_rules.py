"""Every rule of docs/rules.md has a test that `make test` runs, or is listed as not built yet."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = (ROOT / "docs" / "rules.md").read_text()
LISTED, NOT_YET = RULES.split("## Not yet")
MARKED = """
import pytest
pytestmark = pytest.mark.rule("R1")

@pytest.mark.exhaustive
@pytest.mark.rule("R2")
class TestAll:
    @pytest.mark.rule("R3")
    def test_it(self): ...

def test_some(): ...
"""


def ids(table: str) -> list[str]:
    return re.findall(r"^\| (R\d+) \|", table, re.MULTILINE)


def marks_of_tests(body: list[ast.stmt], around: str = "") -> Iterator[str]:
    """Each test's marks, as they are written: its own, those of its class and those of its module."""
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            around += ast.unparse(node.value)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            marks = around + "".join(map(ast.unparse, node.decorator_list))
            if isinstance(node, ast.ClassDef):
                yield from marks_of_tests(node.body, marks)
            elif node.name.startswith("test_"):
                yield marks


def held(source: str, *, without: str = "nothing") -> set[str]:
    """The rules that its tests hold, but for tests marked `without`."""
    tests = [marks for marks in marks_of_tests(ast.parse(source).body) if f"pytest.mark.{without}" not in marks]
    return {rule for marks in tests for rule in re.findall(r"pytest\.mark\.rule\('(R\d+)'\)", marks)}


def held_by_all(**kwargs: str) -> set[str]:
    return set().union(*(held(path.read_text(), **kwargs) for path in (ROOT / "tests").rglob("test_*.py")))


def test_rules_are_numbered_without_a_gap():
    numbers = sorted({int(rule[1:]) for rule in ids(RULES)})
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_built_rule_has_a_test_that_make_test_runs():
    assert set(ids(LISTED)) - held_by_all(without="exhaustive") == set()


def test_no_test_holds_a_rule_that_is_not_built_or_does_not_exist():
    assert held_by_all() <= set(ids(LISTED))


def test_a_mark_counts_for_the_tests_of_its_module_and_of_its_class():
    assert held(MARKED) == {"R1", "R2", "R3"}
    assert held(MARKED, without="exhaustive") == {"R1"}
