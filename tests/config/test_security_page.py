"""docs/security.md speaks of what is there, and no rule of the checks is silenced without a reason."""

import re
from pathlib import Path

import pytest

from tests.apps import APPS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
SOURCES = [path for app in APPS for path in (ROOT / app).rglob("*.py")]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([\w./-]+/[\w./-]*)`", PAGE))))
def test_what_the_page_names_is_there(name):
    assert (ROOT / name).exists() or name.startswith("/")


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)", PAGE))))
def test_what_the_page_links_to_is_there(link):
    assert (ROOT / "docs" / link).exists()


def test_every_silenced_rule_of_security_has_its_reason_beside_it():
    silenced = [
        (path.name, line) for path in SOURCES for line in path.read_text().splitlines() if re.search(r"noqa: S\d", line)
    ]
    assert [(name, line) for name, line in silenced if not re.search(r"# noqa: S\d+ - \w+", line)] == []


def test_no_rule_is_silenced_in_another_way():
    assert [path.name for path in SOURCES if re.search(r"# nosec|noqa(?!:)|ruff: noqa", path.read_text())] == []
