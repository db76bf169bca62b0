"""Every list finds records by the customer's name or number, and contracts by PO number."""

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.certification.requests import approve_certification
from billing.models import LedgerEntry
from contracts import services
from contracts.bulk.batches import create_batch
from contracts.models import Batch
from emails.models import Notice
from tests import factories
from tests.billing.bookkeeping import asked, decider
from tests.contracts.back_office.legal import superuser, text_of
from tests.webhooks.receiving import due, endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
LISTS = [
    *("contracts/contract", "contracts/voidticket", "orders/order", "billing/ledgerentry", "billing/remittanceaccount"),
    *("accounts/certificationrequest", "emails/notice", "webhooks/webhookendpoint", "webhooks/webhookdelivery"),
    *("accounts/account", "contracts/batch"),
]


@pytest.fixture
def actor(membership):
    """An account that was certified under an earlier name, with a record in every list."""
    actor = actor_of(membership, "page")
    membership.user.email = "finance@customer.example"
    membership.user.save()
    services.request_void(contract=factories.official(actor, po_number="PO-2026/17 a"), reason="Twice", by=actor)
    LedgerEntry.objects.create(account=actor.account, amount=5, booked_at=timezone.now())
    factories.RemittanceAccountFactory(account=actor.account)
    due(endpoint_of(actor.account))
    create_batch(action=Batch.Action.CONVERT, numbers=[factories.draft(actor).number], by=actor)
    for name in ("蓝河贸易有限公司", "绿洲贸易有限公司"):
        approve_certification(request=asked(actor.account, name=name), by=decider())
    membership.account.refresh_from_db()
    return actor


@pytest.fixture(autouse=True)
def others(membership):
    """Records of another account, which no search here finds."""
    other = factories.member()
    services.request_void(contract=factories.official(other, po_number="PO-1"), reason="Twice", by=other)
    LedgerEntry.objects.create(account=other.account, amount=5, booked_at=timezone.now())
    factories.RemittanceAccountFactory(account=other.account)
    due(endpoint_of(other.account))
    create_batch(action=Batch.Action.CONVERT, numbers=[factories.draft(other).number], by=other)
    asked(kind="personal", name="王小明", credit_code="")
    Notice.objects.create(
        user=membership.user, kind="x", reference=other.account.number, due_at=timezone.now(), created_at=timezone.now()
    )


def found(path: str, term: str) -> set[str]:
    """Numbers of the accounts whose rows the list shows."""
    rows = superuser().get(f"/admin/{path}/", {"q": term, "status": "all"} if has_all(path) else {"q": term})
    return {number_of(row) for row in rows.context["cl"].result_list}


def has_all(path: str) -> bool:
    return path in ("contracts/voidticket", "accounts/certificationrequest")


def number_of(row) -> str:
    for name in ("contract", "endpoint"):
        row = getattr(row, name, row)
    return getattr(row, "reference", "") or getattr(row, "account", row).number


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("term", ["绿洲贸易", "蓝河", " 绿洲贸易有限公司 "], ids=["part", "former name", "with spaces"])
def test_by_part_of_a_current_or_former_name(actor, path, term):
    assert found(path, term) == {actor.account.number}


@pytest.mark.parametrize("path", LISTS)
def test_by_number(actor, path):
    assert found(path, actor.account.number) == {actor.account.number}


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_name_finds_nothing(actor, path):
    assert found(path, "无此公司") == set()


def test_a_name_that_was_refused_is_no_former_name(actor):
    asked(actor.account, name="红山贸易有限公司")
    assert found("contracts/contract", "红山") == set()
    assert found("accounts/certificationrequest", "红山") == {actor.account.number}


@pytest.mark.rule("R34")
@pytest.mark.parametrize("path", ["contracts/contract", "contracts/voidticket"])
@pytest.mark.parametrize("term", ["PO-2026/17 a", "po-2026/17  A"])
def test_contracts_and_tickets_are_found_by_po_number(actor, path, term):
    assert found(path, term) == {actor.account.number}
    assert found(path, "PO-2026/1") == set()
    assert found(path, "%") == set()


def test_a_batch_is_found_by_one_of_its_contracts_and_shows_each_result(actor):
    contract = actor.account.contracts.get(status="draft")
    client = superuser()
    [batch] = client.get("/admin/contracts/batch/", {"q": contract.number}).context["cl"].result_list
    text = text_of(client.get(f"/admin/contracts/batch/{batch.pk}/change/"))
    for shown in (actor.account.number, contract.number, "Convert", "Waiting", "In progress"):
        assert shown in text
