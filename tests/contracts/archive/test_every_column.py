"""Whatever column somebody changes beside the services, a check names it, or docs/evidence-coverage.md says why not."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Q
from django.utils import timezone

from contracts import services
from contracts.models import (
    Approval,
    AuditEvent,
    Clause,
    ClauseVersion,
    Contract,
    ContractDocument,
    ContractOrder,
    EvidenceStamp,
    SealKey,
    SealUse,
    TrailAnchor,
    TrailSeal,
    VoidTicket,
)
from contracts.tasks import settle_all
from contracts.trail.check_contract import check_contract
from contracts.trail.check_keys import check_keys
from contracts.trail.check_lists import check_lists
from contracts.trail.check_uses import check_uses
from contracts.trail.daily_seals import seal_trails
from contracts.trail.renewal.check_stamps import check_stamps
from contracts.trail.renewal.stamping import stamp_new_lists
from tests.contracts.archive.changes import CHAIN, CONTENT, Change, World, changes_of, database_refuses_nothing, made
from tests.factories import draft, member, official, staff
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.rule("R27"), pytest.mark.rule("R36")]
MODELS = (
    Contract,
    ContractOrder,
    ContractDocument,
    VoidTicket,
    Approval,
    AuditEvent,
    Clause,
    ClauseVersion,
    TrailSeal,
    EvidenceStamp,
    SealKey,
    SealUse,
    TrailAnchor,
)
TABLE = Path(__file__).resolve().parents[3] / "docs" / "evidence-coverage.md"


def table() -> dict[tuple[str, str], str]:
    """Model and column → what covers it, as the page says."""
    said = {}
    for part in re.split(r"^## ", TABLE.read_text(), flags=re.MULTILINE)[1:]:
        model = part.split("\n", 1)[0]
        for columns, covered in re.findall(r"^\| (`.+?) \| (.+) \|$", part, re.MULTILINE):
            said |= {(model, column): covered for column in re.findall(r"`(\w+)`", columns)}
    return said


def wrong(contract: Contract) -> list[str]:
    stored = Contract.objects.get(Q(pk=contract.pk) | Q(number=contract.number))
    return [result.what for result in check_contract(stored) if not result.sound]


def _approved_at_second_try() -> Contract:
    owner = member()
    owner.own_account.approval_required_from = {"CNY": "0"}
    owner.own_account.save()
    requester, contract = member("finance", owner.account), draft(owner)
    services.reject_approval(
        approval=services.request_approval(contract=contract, by=requester), by=owner, note="Not this month"
    )
    return services.approve_conversion(approval=services.request_approval(contract=contract, by=requester), by=owner)


@pytest.fixture
def world(issuer, clock, stamp_server) -> World:
    actor = member()
    voided = official(actor, count=2, language="both")
    ticket = services.request_void(contract=voided, reason="renamed", by=actor)
    voided = services.approve_void(ticket=ticket, by=staff()).contract
    invalid = official(actor, type="payment_request")
    services.request_void(contract=invalid, reason="renamed", by=actor)
    other = _approved_at_second_try()
    clock.move_to(invalid.expires_at)
    settle_all()
    seal_trails(now=timezone.now())
    stamp_new_lists()
    voided, invalid = Contract.objects.get(pk=voided.pk), Contract.objects.get(pk=invalid.pk)
    assert (voided.status, invalid.status) == ("voided", "invalid")
    return World(voided, invalid, other)


def wrong_lists() -> list[str]:
    return [defect.what for defect in (*check_keys(), *check_lists(), *check_stamps(), *check_uses())]


@pytest.mark.django_db
def test_every_change_of_a_covered_column_is_named(world, subtests):
    assert [*wrong(world.voided), *wrong(world.invalid), *wrong_lists()] == []
    tried = set()
    with database_refuses_nothing():
        for change in changes_of(world):
            tried.add(change.column)
            with subtests.test(change.column), made(change):
                found = wrong(change.checked) if change.checked else wrong_lists()
                assert change.found_by in found
    assert tried == {column for column, covered in table().items() if not covered.startswith("not covered")}


@pytest.mark.django_db
def test_total_and_lines_changed_together_are_found(issuer):
    contract = draft(member())
    line = contract.lines.get()
    cheaper = {**line.snapshot, "payable_amount": "1.00"}
    with guards_lifted():
        Contract.objects.filter(pk=contract.pk).update(total_amount=Decimal("1.00"))
        ContractOrder.objects.filter(pk=line.pk).update(snapshot=cheaper)
    assert wrong(contract) == [CONTENT]


@pytest.mark.django_db
def test_codes_of_two_contracts_that_were_swapped_are_found(issuer):
    contracts = [draft(member()) for _ in range(2)]
    codes = [contract.verification_code for contract in contracts]
    with guards_lifted():
        for contract, code in zip([*contracts, contracts[0]], ["ABCDEF", *codes], strict=True):
            Contract.objects.filter(pk=contract.pk).update(verification_code=code)
    assert [wrong(contract) for contract in contracts] == [[CONTENT]] * 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Contract, {"party_a": [1.5]}),
        (Contract, {"language": "?"}),
        (Contract, {"type": "?"}),
        (Contract, {"total_amount": Decimal("1080.501")}),
        (Contract, {"clause_version": 0}),
        (ContractOrder, {"snapshot": {}}),
        (ContractOrder, {"snapshot": {"payable_amount": "all"}}),
        (AuditEvent, {"data": []}),
    ],
)
def test_rows_that_no_service_writes_are_found_and_stop_no_check(issuer, model, columns):
    contract = draft(member(), type="payment_request")
    with database_refuses_nothing():
        row = contract if model is Contract else model._base_manager.get(contract=contract)
        with made(Change(contract, row, columns, CONTENT)):
            assert {CONTENT, CHAIN} & set(wrong(contract))


def test_the_page_names_every_column():
    columns = {(model.__name__, field.name) for model in MODELS for field in model._meta.concrete_fields}
    assert set(table()) == columns
