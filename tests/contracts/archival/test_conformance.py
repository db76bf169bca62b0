"""Every document is PDF/A-3u and PDF/UA-1, by veraPDF (R40)."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from contracts.pdf import render_draft
from contracts.sealing import validate_seal
from contracts.types import TYPES
from tests.contracts.archival.samples import LANGUAGES, draft, seal, void_certificate
from tests.contracts.archival.vera import failures
from tests.contracts.pdf.samples import PARTY_A, order_line, snapshot
from tests.contracts.sealing.conftest import make_draft

pytestmark = pytest.mark.rule("R40")
LEVELS = ("B-B", "B-T", "B-LT")


@pytest.mark.parametrize(
    ("type_", "language", "count", "level"),
    [
        ("order", "en", 2, "B-LT"),
        ("payment_request", "both", 1, "B-B"),
    ],
)
def test_a_draft_and_its_official_contract_conform(type_, language, count, level, at_level):
    unsealed = draft(type_, language, count)
    assert failures(unsealed) == []
    at_level(level)
    sealed = seal(unsealed)
    assert failures(sealed) == []
    assert sealed.startswith(unsealed)
    assert validate_seal(sealed, draft=unsealed) == level


def test_a_void_certificate_conforms(at_level):
    at_level("B-T")
    assert failures(seal(void_certificate("zh-hans"))) == []


def test_a_sealed_file_is_of_the_version_of_its_header(test_seal):
    sealed = seal(draft("order", "en", 1))
    assert sealed.startswith(b"%PDF-1.7\n")
    assert "/Version" not in PdfFileReader(BytesIO(sealed)).root


def test_the_validator_finds_what_is_missing():
    found = failures(make_draft())
    assert any(line.startswith("3u 6.6.2.1") for line in found)
    assert any(line.startswith("ua1 7.1") for line in found)


@pytest.mark.exhaustive
@pytest.mark.parametrize("count", [1, 20, 200])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_", TYPES)
def test_every_document_at_every_level_conforms(type_, language, count, at_level):
    unsealed = draft.__wrapped__(type_, language, count)
    assert failures(unsealed) == []
    for level in LEVELS:
        at_level(level)
        assert failures(seal(unsealed)) == [], level


@pytest.mark.exhaustive
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_void_certificate_conforms(language, at_level):
    for level in LEVELS:
        at_level(level)
        assert failures(seal(void_certificate(language))) == [], level


@pytest.mark.exhaustive
def test_odd_texts_conform():
    """A row higher than a page, names of several lines, and characters of every kind that fonts have."""
    party = replace(PARTY_A, name="北京 Ω™ é" * 20)
    lines = [order_line(1, configuration="很长的配置 with words, SKU-AAAA/BBBB; " * 400), order_line(2)]
    assert failures(render_draft(snapshot(lines=lines, language="both", party_a=party))) == []


def test_the_tax_of_orders_conforms():
    """The column of rates and the summary by rate are in tables, too."""
    lines = [order_line(n, tax_rate=Decimal(13), tax_amount=Decimal("1.00")) for n in (1, 2)]
    assert failures(render_draft(snapshot(lines=lines, language="both"))) == []
