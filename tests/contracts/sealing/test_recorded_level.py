"""The level that a document was sealed at is kept with it; what goes wrong with timestamps leaves a draft."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.access.actors import actor_of
from common.errors import Refused
from contracts.models import AuditEvent, Contract, ContractDocument
from contracts.sealing import timestamps
from contracts.services import approve_void, convert_to_official, request_void
from contracts.trail.check_contract import check_contract
from tests.contracts.back_office.legal import holder_of, text_of
from tests.contracts.sealing.conftest import make_authority
from tests.contracts.sealing.tsa import REPLY, Unit, serving
from tests.factories import draft, official, staff
from tests.tampering import guards_lifted, tamper

pytestmark = pytest.mark.django_db
Kind = ContractDocument.Kind


@pytest.fixture(scope="module")
def unit(tsa_root):
    return Unit(tsa_root)


@pytest.fixture
def actor(membership):
    return actor_of(membership, "page")


@pytest.fixture
def trusted(settings, tmp_path, tsa_root):
    (tmp_path / "tsa.pem").write_bytes(tsa_root.certificate.public_bytes(Encoding.PEM))
    settings.SEAL_TSA_ROOTS = str(tmp_path / "tsa.pem")


def levels(contract: Contract) -> dict[str, str]:
    return dict(contract.documents.values_list("kind", "level"))


def wrong(contract: Contract) -> list[str]:
    return [found.what for found in check_contract(Contract.objects.get(pk=contract.pk)) if not found.sound]


@pytest.mark.rule("R27")
def test_it_is_registered_with_the_document_and_told_by_the_trail(actor):
    contract = official(actor)
    assert levels(contract) == {"draft": "", "official": "B-B"}
    assert contract.events.get(kind=AuditEvent.Kind.CONVERTED).data["level"] == "B-B"


@pytest.mark.rule("R5")
def test_the_void_certificate_has_its_own(actor, settings, trusted, unit):
    contract = official(actor)
    ticket = request_void(contract=contract, reason="renamed", by=actor)
    with serving(unit) as settings.SEAL_TSA_URL:
        approve_void(ticket=ticket, by=staff())
    assert levels(contract) == {"draft": "", "official": "B-B", "void_certificate": "B-T"}
    assert contract.events.get(kind=AuditEvent.Kind.VOIDED).data["level"] == "B-T"


def test_sealing_without_the_server_that_failed_is_recorded_as_what_it_is(actor, settings):
    settings.SEAL_TSA_URL, settings.SEAL_TSA_FAILURE = "http://127.0.0.1:9/", "seal_without"
    contract = official(actor)
    assert levels(contract)["official"] == "B-B"
    assert contract.events.get(kind=AuditEvent.Kind.CONVERTED).data["level"] == "B-B"


def failing(unit: Unit, tsa_root) -> dict:
    stranger = make_authority("Timestamp Root", rsa.generate_private_key(65537, 2048))
    return {
        "hangs": lambda request: None,
        "is down": lambda request: (503, "text/plain", b"down"),
        "talks nonsense": lambda request: (200, REPLY, b"0\x03\x02\x01\x00"),
        "answers another request": unit.for_another(nonce=1),
        "is not trusted": Unit(stranger),
        "has an expired certificate": Unit(tsa_root, begins=timedelta(days=-9), ends=timedelta(days=-1)),
    }


@pytest.mark.rule("R2")
def test_a_timestamp_server_that_fails_in_any_way_leaves_a_draft(
    actor, settings, trusted, unit, tsa_root, monkeypatch, files, caplog
):
    monkeypatch.setattr(timestamps, "TSA_TIMEOUT", 0.2)
    contract = draft(actor)
    stored = sorted(files.rglob("*.pdf"))
    for how, answer in failing(unit, tsa_root).items():
        with serving(answer) as settings.SEAL_TSA_URL, pytest.raises(Refused) as refused:
            convert_to_official(contract=contract, by=actor)
        assert refused.value.code == "seal_unavailable", how
        assert "timestamp server" in caplog.messages[-1], how
        assert Contract.objects.get(pk=contract.pk).status == "draft", how
        assert levels(contract) == {"draft": ""}, how
    assert not contract.events.filter(kind=AuditEvent.Kind.CONVERTED).exists()
    assert sorted(files.rglob("*.pdf")) == stored
    monkeypatch.setattr(timestamps, "TSA_TIMEOUT", 10)
    with serving(unit) as settings.SEAL_TSA_URL:
        convert_to_official(contract=contract, by=actor)
    assert levels(contract)["official"] == "B-T"


def test_no_draft_has_a_level(actor):
    document = draft(actor).documents.get(kind=Kind.DRAFT)
    with guards_lifted(), pytest.raises(IntegrityError, match="no_seal_on_a_draft"), transaction.atomic():
        ContractDocument.objects.filter(pk=document.pk).update(level="B-B")


def test_staff_see_it_with_the_files(actor, settings, trusted, unit):
    with serving(unit) as settings.SEAL_TSA_URL:
        contract = official(actor)
    reader = holder_of("view_contract", "view_contractdocument")
    page = text_of(reader.get(reverse("admin:contracts_contract_change", args=[contract.pk])))
    assert "B-T" in page
    document = contract.documents.get(kind=Kind.OFFICIAL)
    record = text_of(reader.get(reverse("admin:contracts_contractdocument_change", args=[document.pk])))
    assert "B-T: signed and timestamped" in record


@pytest.mark.rule("R3")
def test_documents_stay_sound_when_the_level_is_raised_and_the_certificate_ends(actor, settings):
    contract = official(actor)
    settings.SEAL_TSA_URL = "https://tsa.example.com/"
    assert wrong(contract) == []
    with time_machine.travel(datetime.now(UTC) + timedelta(days=5 * 365)):
        assert wrong(contract) == []


def test_a_document_of_another_level_than_was_recorded_is_found(actor):
    contract = official(actor)
    tamper(
        "UPDATE contracts_contractdocument SET level = 'B-T' WHERE contract_id = %s AND kind = 'official'", contract.pk
    )
    assert [what for what in wrong(contract) if "seal is valid" in what]
