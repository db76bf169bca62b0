"""The pages live under a strict content security policy: nothing inline, nothing from elsewhere, nothing unescaped."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
EMAILS = ROOT / "templates" / "mail"
"""Mail programs drop style sheets and know no policy of ours: styles stand inline there, and nothing else does."""


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_inline_and_escapes_everything(template):
    text = template.read_text()

    if EMAILS not in template.parents:
        assert not re.search(r"\sstyle=|<style", text)
    assert not re.search(r"\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\|\s*safe|autoescape off|mark_safe", text)
    assert not re.search(r"(src|href)=[\"']https?:", text)


@pytest.mark.parametrize("sheet", sorted((ROOT / "static").rglob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_takes_nothing_from_elsewhere(sheet):
    assert not re.search(r"@import|url\((?!['\"]?data:)", sheet.read_text())


def test_every_page_carries_the_policy(visit):
    policy = visit.get("/contracts/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
