"""Drafts as the renderer makes them, sealed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from contracts.pdf.contract import render_draft
from contracts.sealing import seal, validate_seal
from tests.contracts.pdf.samples import snapshot
from tests.contracts.sealing.test_seal import annotation_names, content_streams

pytestmark = pytest.mark.usefixtures("test_seal")


def words(folder: Path, name: str, content: bytes) -> bytes:
    file = folder / name
    file.write_bytes(content)
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout


@pytest.mark.rule("R3")
@pytest.mark.parametrize(("orders", "language"), [(1, "en"), (12, "both"), (200, "zh-hans")])
def test_a_rendered_draft_becomes_official_unchanged(orders, language):
    contract = snapshot(orders, language=language)
    draft = render_draft(contract)
    sealed = seal(draft, number=contract.number, issuer_name=contract.party_b.name)
    validate_seal(sealed, draft=draft)
    assert sealed.startswith(draft)
    assert content_streams(sealed) == content_streams(draft)
    assert not [name for page in annotation_names(sealed) for name in page if name.startswith(("draft", "seal-place"))]


@pytest.mark.rule("R3")
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils (pdftotext) is missing")
def test_the_draft_and_the_official_contract_read_the_same(tmp_path):
    contract = snapshot(30, language="both")
    draft = render_draft(contract)
    sealed = seal(draft, number=contract.number, issuer_name=contract.party_b.name)
    assert words(tmp_path, "official.pdf", sealed) == words(tmp_path, "draft.pdf", draft)
