"""Approving a ticket leaves a sealed page that says what was voided, by which ticket, and who decided (R5)."""

import hashlib
import shutil
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from django.contrib.auth import get_user_model
from django.urls import reverse

from accounts.access.actors import actor_of
from common.errors import Refused
from contracts.documents import files as documents
from contracts.models import Contract, ContractDocument, VoidTicket
from contracts.sealing import validate_seal
from contracts.services import approve_void, request_void, void_draft
from tests.conftest import Api
from tests.contracts.pages.conftest import signed_in
from tests.factories import MembershipFactory, draft, official, staff
from tests.reading import pdf_text, run_on

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R5")]
needs_poppler = pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils is missing")


def voided(membership, **fields) -> tuple[Contract, VoidTicket]:
    actor = actor_of(membership, "page")
    ticket = request_void(contract=official(actor, **fields), reason="renamed", by=actor)
    ticket = approve_void(ticket=ticket, by=staff(), note="agreed")
    return Contract.objects.get(pk=ticket.contract_id), ticket


def certificate_of(contract: Contract) -> bytes:
    document = documents.certificate(contract)
    assert document
    return documents.read(document)


@needs_poppler
@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_it_names_the_voided_file_the_ticket_and_who_decided(membership, language):
    contract, ticket = voided(membership, language=language)
    content = certificate_of(contract)
    text = pdf_text(content)
    sealed = documents.read(documents.of_kind(contract, ContractDocument.Kind.OFFICIAL))
    digest = hashlib.sha256(sealed).hexdigest()
    assert digest in "".join(text.split())
    for said in (contract.number, str(ticket.pk), ticket.decided_by.get_username(), contract.party_a["name"]):
        assert said in text
    assert run_on(content, "pdfinfo", "{}").count("Pages:           1") == 1
    assert "draft" not in text.lower()


@needs_poppler
@pytest.mark.parametrize(
    ("language", "words"), [("en", "certifies that contract {} is void"), ("zh-hans", "合同 {} 已作废")]
)
def test_the_words_at_its_qr_code_say_that_the_contract_is_void_and_the_code_leads_to_that(
    client, membership, language, words
):
    contract, _ticket = voided(membership, language=language)
    content = certificate_of(contract)
    address = zxingcpp.read_barcode(pypdfium2.PdfDocument(content)[0].render(scale=3).to_pil()).text
    assert words.format(contract.number) in " ".join(pdf_text(content).split())
    assert address.endswith(f"/verify/?code={contract.verification_code}")
    assert "This contract was voided" in client.get(address).text


@needs_poppler
def test_its_seal_is_valid_to_us_and_to_others(membership):
    contract, _ticket = voided(membership)
    content = certificate_of(contract)
    validate_seal(content, draft=None)
    told = run_on(content, "pdfsig", "-nocert", "{}")
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    fonts = run_on(content, "pdffonts", "{}").splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts)  # embedded


@needs_poppler
def test_what_customer_and_staff_wrote_is_not_printed_on_it(membership):
    contract, ticket = voided(membership)
    text = pdf_text(certificate_of(contract))
    assert ticket.reason not in text
    assert ticket.note not in text


def test_a_changed_byte_breaks_it(membership):
    contract, _ticket = voided(membership)
    content = certificate_of(contract)
    with pytest.raises(Refused):
        validate_seal(content[:700] + bytes([content[700] ^ 1]) + content[701:], draft=None)


@pytest.mark.rule("R18")
def test_the_customer_downloads_it_where_the_contract_itself_is_gone(membership):
    contract, _ticket = voided(membership)
    visit = signed_in(membership)
    page = visit.get(reverse("contract-detail", args=[contract.number]))
    address = reverse("contract-void-certificate", args=[contract.number])
    assert f"{address}?download=1" in page.text
    saved = visit.get(f"{address}?download=1")
    assert saved["Content-Type"] == "application/pdf"
    assert saved["Content-Disposition"] == f'attachment; filename="{contract.number}-void-certificate.pdf"'
    assert "no-store" in saved["Cache-Control"]
    assert saved.content == certificate_of(contract)
    assert visit.get(reverse("contract-document", args=[contract.number])).status_code == 410


def test_a_program_downloads_it(membership):
    contract, _ticket = voided(membership)
    answer = Api(membership).get(f"contracts/{contract.number}/void-certificate/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content == certificate_of(contract)


@pytest.mark.rule("R26")
def test_others_do_not(membership):
    contract, _ticket = voided(membership)
    stranger = MembershipFactory()
    address = reverse("contract-void-certificate", args=[contract.number])
    assert signed_in(stranger).get(address).status_code == 404
    assert Api(stranger).get(f"contracts/{contract.number}/void-certificate/").status_code == 404
    viewer = MembershipFactory(account=membership.account, role="viewer")
    assert signed_in(viewer).get(address).status_code == 200


@pytest.mark.parametrize("make", [official, lambda actor: void_draft(contract=draft(actor), by=actor)])
def test_there_is_none_for_other_contracts(membership, make):
    contract = make(actor_of(membership, "page"))
    address = reverse("contract-void-certificate", args=[contract.number])
    assert signed_in(membership).get(address).status_code == 404
    assert address not in signed_in(membership).get(reverse("contract-detail", args=[contract.number])).text
    answer = Api(membership).get(f"contracts/{contract.number}/void-certificate/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def stands_as_before(ticket: VoidTicket, files_before: set[Path], files: Path) -> None:
    contract = Contract.objects.get(pk=ticket.contract_id)
    assert contract.status == "official"
    assert VoidTicket.objects.get(pk=ticket.pk).status == "open"
    assert contract.lines.filter(released_at=None).exists()
    assert documents.certificate(contract) is None
    assert not contract.events.filter(kind__in=("voided", "ticket_approved")).exists()
    assert set(files.rglob("*.pdf")) == files_before


def open_ticket(membership) -> VoidTicket:
    actor = actor_of(membership, "page")
    return request_void(contract=official(actor), reason="renamed", by=actor)


def test_without_a_seal_nothing_is_decided(membership, settings, files, tmp_path):
    ticket = open_ticket(membership)
    before = set(files.rglob("*.pdf"))
    settings.SEAL_P12 = str(tmp_path / "none.p12")
    with pytest.raises(Refused) as caught:
        approve_void(ticket=ticket, by=staff())
    assert caught.value.code == "seal_unavailable"
    stands_as_before(ticket, before, files)


def test_without_the_storage_nothing_is_decided(membership, files, monkeypatch):
    ticket = open_ticket(membership)
    before = set(files.rglob("*.pdf"))

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.default_storage.save", full)
    with pytest.raises(Refused) as caught:
        approve_void(ticket=ticket, by=staff())
    assert caught.value.code == "storage_unavailable"
    stands_as_before(ticket, before, files)


@pytest.mark.rule("R28")
def test_a_name_that_cannot_be_printed_is_told_to_the_one_who_decides(membership):
    ticket = open_ticket(membership)
    decider = staff()
    get_user_model().objects.filter(pk=decider.user_id).update(first_name="\U00030edd")
    with pytest.raises(Refused) as caught:
        approve_void(ticket=ticket, by=decider)
    assert caught.value.code == "unprintable_characters"
    assert "U+30EDD" in caught.value.detail
