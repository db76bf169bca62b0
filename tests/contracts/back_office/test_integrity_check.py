"""On demand, staff hold one contract's files, seals, figures and history against each other, and see what is wrong."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.access.actors import actor_of
from contracts import services
from contracts.documents import files as documents
from contracts.models import AuditEvent, Contract, ContractDocument, ContractOrder
from contracts.trail.check_contract import check_contract
from tests import factories
from tests.contracts.back_office.legal import holder_of, member_of, text_of
from tests.tampering import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R3"), pytest.mark.rule("R27")]
Kind = ContractDocument.Kind


@pytest.fixture
def actor(membership):
    return actor_of(membership, "page")


@pytest.fixture
def voided(actor) -> Contract:
    """By ticket: a contract that has all three files."""
    ticket = services.request_void(contract=factories.official(actor, count=2), reason="renamed", by=actor)
    return services.approve_void(ticket=ticket, by=factories.staff()).contract


def wrong(contract: Contract) -> list[str]:
    findings = check_contract(Contract.objects.get(pk=contract.pk))
    assert len(findings) >= 6
    return [finding.what for finding in findings if not finding.sound]


def file_of(contract: Contract, kind: Kind, files: Path) -> Path:
    return files / documents.path_of(documents.of_kind(contract, kind).sha256)


def test_what_services_made_is_sound(actor, voided):
    request = factories.official(actor, type="payment_request")
    for contract in (
        factories.draft(actor),
        services.void_draft(contract=factories.draft(actor), by=actor),
        factories.official(actor),
        request,
        voided,
    ):
        assert wrong(contract) == []
    order = request.lines.get().order
    order.cancel(at=request.official_at)
    order.save()
    services.invalidate_due(now=request.official_at)
    assert Contract.objects.get(pk=request.pk).status == "invalid"
    assert wrong(request) == []


@pytest.mark.parametrize("kind", Kind)
def test_a_changed_file_is_found(voided, files, kind):
    path = file_of(voided, kind, files)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b" ")
    assert wrong(voided) == [f"{kind.label}: stored as registered"]


@pytest.mark.parametrize("kind", Kind)
def test_a_lost_file_is_found(voided, files, kind):
    file_of(voided, kind, files).unlink()
    assert wrong(voided) == [f"{kind.label}: stored as registered"]


@pytest.mark.parametrize("kind", Kind)
def test_a_lost_row_is_found(voided, kind):
    tamper("DELETE FROM contracts_contractdocument WHERE contract_id = %s AND kind = %s", voided.pk, kind.value)
    assert f"{kind.label}: registered" in wrong(voided)


@pytest.mark.parametrize("kind", [Kind.OFFICIAL, Kind.VOID_CERTIFICATE])
def test_another_file_registered_in_its_place_is_found(actor, voided, files, kind):
    """Even where file and row fit together: the seal and the history tell."""
    draft = file_of(voided, Kind.DRAFT, files).read_bytes() + b"\n% not sealed"
    forged = sha256(draft).hexdigest()
    place = files / documents.path_of(forged)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(draft)
    tamper(
        "UPDATE contracts_contractdocument SET sha256 = %s WHERE contract_id = %s AND kind = %s",
        forged,
        voided.pk,
        kind.value,
    )
    found = wrong(voided)
    assert any("seal" in what for what in found)
    assert "The audit trail records each file as it is registered" in found


def test_the_official_file_of_another_contract_is_found(actor, files):
    mine, other = factories.official(actor), factories.official(actor)
    shutil.copy(file_of(other, Kind.OFFICIAL, files), file_of(mine, Kind.OFFICIAL, files))
    assert wrong(mine) == ["Official: stored as registered"]


def test_a_changed_total_is_found(voided):
    tamper("UPDATE contracts_contract SET total_amount = total_amount + 1 WHERE id = %s", voided.pk)
    assert wrong(voided) == ["The contract's content is as it was drafted", "The total is the sum of the orders"]


def test_a_lost_order_is_found(voided):
    line = ContractOrder.objects.filter(contract=voided).last()
    tamper("DELETE FROM contracts_contractorder WHERE id = %s", line.pk)
    found = wrong(voided)
    assert "The total is the sum of the orders" in found
    assert "The contract lists the orders it was drafted from" in found


def test_an_order_that_is_held_on_is_found(voided):
    line = ContractOrder.objects.filter(contract=voided).last()
    tamper("UPDATE contracts_contractorder SET released_at = NULL WHERE id = %s", line.pk)
    assert wrong(voided) == ["Orders are reserved while the contract is live, and released when it has ended"]


@pytest.mark.parametrize("kind", [AuditEvent.Kind.DRAFTED, AuditEvent.Kind.CONVERTED, AuditEvent.Kind.VOIDED])
def test_a_gap_in_the_history_is_found(voided, kind):
    tamper("DELETE FROM contracts_auditevent WHERE contract_id = %s AND kind = %s", voided.pk, kind.value)
    assert "The audit trail records how the contract reached its status" in wrong(voided)


def test_staff_ask_for_it_by_a_button_and_read_what_is_wrong(voided, files):
    finance = member_of("Finance")
    address = reverse("admin:contracts_contract_check", args=[voided.pk])
    assert address in finance.get(reverse("admin:contracts_contract_change", args=[voided.pk])).text
    assert "Wrong" not in text_of(finance.post(address))
    file_of(voided, Kind.OFFICIAL, files).unlink()
    page = finance.post(address)
    assert page.status_code == 200
    assert "The document cannot be read from the storage" in text_of(page)
    assert finance.get(address).status_code == 403  # it reads every file: by POST alone
    assert holder_of("view_voidticket").post(address).status_code == 403
    assert Contract.objects.get(pk=voided.pk).status == "voided"
