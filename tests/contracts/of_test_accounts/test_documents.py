"""A test account's documents say TEST on every page, as drafts and when they are sealed (R48)."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pypdfium2
import pytest

from contracts.documents import files as documents
from contracts.documents.canonical import contract_json
from contracts.models import Contract, ContractDocument
from contracts.pdf import render_draft
from contracts.pdf.void_certificate import render_void_certificate
from contracts.sealing import seal
from contracts.services import approve_void, request_void
from tests import factories
from tests.contracts.archival.reading import Node, tree_of
from tests.contracts.archival.samples import LANGUAGES, void_certificate_facts
from tests.contracts.archival.vera import failures
from tests.contracts.pdf.reading import needs_poppler, pages_of_text
from tests.contracts.pdf.samples import snapshot

pytestmark = pytest.mark.rule("R48")
SCHEMA = json.loads((Path(__file__).parents[3] / "docs/contract.schema.json").read_text())
COUNTS = (1, 20)


def sealed(unsealed: bytes) -> bytes:
    return seal(unsealed, number="EC7Q2M9XK4T8", issuer_name="上海杉橡云计算有限公司", is_test=True)


def say_test(pages: list[str]) -> bool:
    return bool(pages) and all("TEST" in page for page in pages)


@needs_poppler
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_draft_and_official_contract_says_test(language, count, tmp_path):
    draft = render_draft(snapshot(count, language=language, is_test=True))
    official = sealed(draft)
    assert official.startswith(draft)
    for pdf in (draft, official):
        pages = pages_of_text(pdf, tmp_path)
        assert say_test(pages)
        assert len(pages) > 1 or count == 1
        if language != "en":
            assert "测试文件" in pages[0]


@needs_poppler
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_void_certificate_says_test(language, tmp_path):
    certificate = replace(void_certificate_facts(language), is_test=True)
    assert say_test(pages_of_text(render_void_certificate(certificate), tmp_path))


@needs_poppler
def test_other_documents_do_not_say_test(tmp_path):
    assert not any("TEST" in page for page in pages_of_text(render_draft(snapshot(20, language="both")), tmp_path))


def test_the_word_is_seen_on_every_page_after_sealing_and_the_draft_mark_is_not():
    """Compare the pages with those of a real contract: only the watermark is pale red."""
    official = pypdfium2.PdfDocument(sealed(render_draft(snapshot(20, is_test=True))))
    for page in official:
        colours = page.render(scale=0.5, may_draw_forms=False).to_pil().convert("RGB").getcolors(1 << 20)
        reddish = sum(n for n, (red, green, blue) in colours if red > 240 and green < 235 and abs(green - blue) < 6)
        bluish = sum(n for n, (red, _green, blue) in colours if blue > 240 and red < 232)
        assert reddish > 1_000
        assert bluish < 200


@pytest.mark.rule("R40")
def test_screen_readers_begin_with_it_and_skip_the_watermark():
    draft = render_draft(snapshot(20, is_test=True))
    printed = [text for text in texts_of(tree_of(draft)) if not text.startswith("DRAFT")]
    assert printed[0].startswith("TEST")
    assert sum("TEST" in text for text in printed) == 1


def texts_of(node: Node) -> list[str]:
    """Texts in the order in which they are read out."""
    own = [node.text] if node.text else []
    return own + [text for kid in node.kids for text in texts_of(kid)]


@pytest.mark.rule("R40")
@pytest.mark.parametrize(("language", "count"), [("en", 1), ("both", 20), ("zh-hans", 1)])
def test_they_conform(language, count):
    draft = render_draft(snapshot(count, language=language, is_test=True), b'{"test":true}')
    assert failures(draft) == []
    assert failures(sealed(draft)) == []


@pytest.mark.rule("R40")
def test_a_void_certificate_conforms():
    certificate = replace(void_certificate_facts("both"), is_test=True)
    assert failures(sealed(render_void_certificate(certificate))) == []


@pytest.mark.django_db
@pytest.mark.rule("R36")
def test_the_snapshot_says_test_for_good(tester, actor):
    contract = factories.draft(tester)
    lines = list(contract.lines.values_list("snapshot", flat=True))
    data = json.loads(contract_json(Contract.objects.get(pk=contract.pk), lines))
    assert data["test"] is True
    jsonschema.validate(data, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, "test": False}, SCHEMA)
    real = factories.draft(actor)
    assert "test" not in json.loads(contract_json(real, list(real.lines.values_list("snapshot", flat=True))))


@pytest.mark.django_db
@needs_poppler
def test_the_stored_files_are_such_documents(trial, tester, tmp_path):
    ticket = request_void(contract=trial, reason="Trial", by=tester)
    approve_void(ticket=ticket, by=factories.staff())
    for kind in ContractDocument.Kind:
        assert say_test(pages_of_text(documents.read(documents.of_kind(trial, kind)), tmp_path))
