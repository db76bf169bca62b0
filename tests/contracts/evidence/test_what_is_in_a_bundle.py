"""A bundle says what the contract's documents say, and nothing more; the same state gives the same bytes."""

import hashlib
import json
import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from common.errors import Refused
from contracts import evidence, services
from contracts.documents import files as documents
from contracts.models import Contract
from contracts.sealing.embedded import make_test_seal
from tests import factories
from tests.tampering import tamper

pytestmark = pytest.mark.django_db
FACTS = [
    "README.txt",
    "SHA256SUMS",
    "SHA256SUMS.p7s",
    "audit-trail.json",
    "contract.json",
    "orders.json",
    "status.json",
]
SEAL = ["certificates/list-1.crl", "certificates/root-1.pem", "certificates/seal-1.pem"]
REPORTS = ["official-validation-report.xml", "void-certificate-validation-report.xml"]


def opened(contract: Contract) -> dict[str, bytes]:
    """The files of the bundle by their names, without its folder."""
    with ZipFile(BytesIO(evidence.bundle(contract, voided_too=True))) as archive:
        assert archive.testzip() is None
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def told(contract: Contract, file: str = "status.json") -> dict:
    return json.loads(opened(contract)[file])


def test_the_files_of_each_kind(contract_of):
    assert sorted(opened(contract_of("draft"))) == sorted([*FACTS, *SEAL, "draft.pdf"])
    for kind in ("order contract", "payment request"):
        assert sorted(opened(contract_of(kind))) == sorted([*FACTS, *SEAL, *REPORTS[:1], "draft.pdf", "official.pdf"])
    pdfs = ["draft.pdf", "official.pdf", "void-certificate.pdf"]
    assert sorted(opened(contract_of("voided"))) == sorted([*FACTS, *SEAL, *REPORTS, *pdfs])


def test_names_are_plain_and_stay_in_one_folder(contract_of):
    contract = contract_of("voided")
    with ZipFile(BytesIO(evidence.bundle(contract, voided_too=True))) as archive:
        for entry in archive.infolist():
            assert re.fullmatch(
                rf"{contract.number}-evidence/(certificates/)?[A-Za-z0-9-]+(\.[a-z0-9]+)?", entry.filename
            )
            assert (entry.compress_type, entry.external_attr >> 16) == (ZIP_STORED, 0o100644)
        assert archive.namelist() == sorted(archive.namelist())


def test_the_pdfs_are_those_that_are_kept(contract_of):
    contract = contract_of("voided")
    files = opened(contract)
    for kind, name in (("draft", "draft"), ("official", "official"), ("void_certificate", "void-certificate")):
        kept = contract.documents.get(kind=kind)
        assert files[f"{name}.pdf"] == documents.read(kept)
        assert told(contract)["documents"][f"{name}.pdf"]["sha256"] == kept.sha256


@pytest.mark.rule("R36")
def test_contract_json_is_what_the_trail_recorded_when_it_was_drafted(contract_of):
    contract = contract_of("voided")
    drafted = contract.events.get(kind="drafted")
    assert hashlib.sha256(opened(contract)["contract.json"]).hexdigest() == drafted.data["contract_json"]
    tamper("UPDATE contracts_contract SET language = 'both' WHERE id = %s", contract.pk)
    with pytest.raises(Refused) as refused:
        evidence.bundle(contract, voided_too=True)
    assert refused.value.code == "storage_unavailable"


@pytest.mark.rule("R23")
def test_orders_are_told_as_drafted(contract_of):
    contract = contract_of("order contract")
    order = contract.lines.first().order
    order.refund(at=order.paid_at)
    order.payable_amount = order.list_amount
    order.save()
    content = told(contract, "orders.json")
    assert [line["number"] for line in content["orders"]] == contract.order_numbers
    amounts = [line["payable_amount"] for line in content["orders"]]
    assert all(re.fullmatch(r"\d+\.\d\d", amount) for amount in amounts)
    assert sum(map(Decimal, amounts)) == Decimal(content["total_amount"]) == contract.total_amount
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", content["orders"][0]["ordered_at"])


@pytest.mark.rule("R21")
def test_a_contract_that_ended_by_itself_is_told_as_invalid(contract_of, clock):
    contract = contract_of("payment request")
    assert told(contract)["status"] == "official"
    clock.move_to(contract.expires_at + timedelta(seconds=1))
    content = told(contract)
    assert content["status"] == "invalid"
    assert content["invalid_at"] == content["as_of"] == "2026-11-29T03:00:00+00:00"
    assert "Invalid; latest" in opened(contract)["README.txt"].decode()


@pytest.mark.rule("R27")
def test_the_trail_holds_every_event_with_its_hash(contract_of):
    contract = contract_of("voided")
    content = told(contract, "audit-trail.json")
    kept = list(contract.events.order_by("position"))
    assert [one["hash"] for one in content["events"]] == [event.hash for event in kept]
    assert [one["event"]["kind"] for one in content["events"]] == [event.kind for event in kept]
    assert content["last_hash"] == told(contract)["audit_trail"]["last_hash"] == kept[-1].hash


@pytest.mark.rule("R27")
def test_nothing_is_told_that_the_documents_do_not_say(actor, contract_of):
    contract = contract_of("voided")
    services.edit_remarks(contract=contract, remarks="For Ms Wang of procurement", by=actor)
    username = contract.void_tickets.get().opened_by.get_username()
    texts = b"".join(content for name, content in opened(contract).items() if not name.endswith(".pdf"))
    for private in ("Wang", "The name was wrong", "Agreed with them", username):
        assert private.encode() not in texts


def test_the_same_state_gives_the_same_bytes(contract_of, clock):
    contract = contract_of("voided")
    first = evidence.bundle(contract, voided_too=True)
    clock.shift(timedelta(days=40))
    with override("zh-hans"):
        assert evidence.bundle(contract, voided_too=True) == first


def test_its_files_carry_the_time_of_the_latest_change(contract_of, clock, actor):
    contract = contract_of("draft")
    clock.shift(timedelta(hours=3))
    services.edit_remarks(contract=contract, remarks="Checked", by=actor)
    with ZipFile(BytesIO(evidence.bundle(contract))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 22, 7, 0, 0)}


@pytest.mark.parametrize("count", [1, 200])
def test_statements_do_not_grow(actor, count):
    contract = factories.draft(actor, count=count)
    for number in range(count // 10):
        services.edit_remarks(contract=contract, remarks=str(number), by=actor)
    evidence.bundle(contract)  # signs it
    with CaptureQueriesContext(connection) as asked:
        content = evidence.bundle(contract)
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) == 8
    assert len(content) < 1_000_000


@pytest.mark.rule("R18")
def test_a_contract_that_is_voided_meanwhile_has_none_for_customers(actor):
    contract = factories.draft(actor)
    services.void_draft(contract=Contract.objects.get(pk=contract.pk), by=actor)
    with pytest.raises(Refused) as refused:
        evidence.bundle(contract)
    assert refused.value.code == "contract_voided"


def test_a_root_that_is_not_known_here_any_more_is_said_to_the_log_alone(contract_of, settings, tmp_path, caplog):
    contract = contract_of("order contract")
    settings.SEAL_P12 = str(make_test_seal(tmp_path, name="Another issuer", passphrase="").path)
    with pytest.raises(Refused) as refused:
        evidence.bundle(contract)
    assert refused.value.code == "seal_unavailable"
    assert "SEAL_ROOTS" not in refused.value.detail
    assert "SEAL_ROOTS" in caplog.text
