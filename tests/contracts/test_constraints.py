"""What the database itself refuses, whatever the code does."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account
from billing.ledger import get_balance
from billing.models import LedgerEntry
from contracts.models import Contract, ContractDocument, VoidTicket
from orders.models import Order
from tests.factories import OrderFactory, PaidOrderFactory, PartyProfileFactory, draft, member, official
from tests.tampering import guards_lifted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def refused(rows, **values):
    """The constraint refuses them, without the guards, which refuse every change of some of these columns."""
    with guards_lifted(), pytest.raises(IntegrityError, match="constraint"), transaction.atomic():
        rows.update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"status": "official"},
        {"status": "voided"},
        {"status": "invalid", "invalid_at": NOW},  # an order contract never becomes invalid
        {"status": "rented"},
        {"official_at": NOW},
        {"voided_at": NOW},
        {"total_amount": -1},
        {"type": "rental"},
        {"type": "payment_request"},  # without its expiry and remittance account
        {"expires_at": NOW},
        {"order_count": 201},
        {"issuer_version": None},
        {"clause_version": None},
    ],
    ids=str,
)
def test_a_contract_whose_columns_contradict_each_other(issuer, values):
    contract = draft(member())
    refused(Contract.objects.filter(pk=contract.pk), **values)


@pytest.mark.parametrize(
    "values",
    [
        {"status": "paid"},
        {"status": "cancelled"},
        {"status": "refunded", "refunded_at": NOW},
        {"status": "lost"},
        {"paid_at": NOW},
        {"payable_amount": -1},
        {"payable_amount": 999_999},
        {"quantity": 0},
        {"tax_rate": 13},
        {"tax_amount": 1},
        {"tax_rate": 101, "tax_amount": 1},
        {"tax_rate": 13, "tax_amount": 999_999},
        {"service_start": NOW},
        {"payment_deadline": NOW.replace(year=2000)},
    ],
    ids=str,
)
def test_an_order_whose_columns_contradict_each_other(values):
    refused(Order.objects.filter(pk=OrderFactory().pk), **values)


def test_a_paid_order_without_the_time_of_payment():
    refused(Order.objects.filter(pk=PaidOrderFactory().pk), paid_at=None)


@pytest.mark.parametrize(
    "values", [{"status": "approved"}, {"status": "lapsed"}, {"decided_at": NOW}, {"reason": ""}], ids=str
)
def test_a_ticket_whose_columns_contradict_each_other(issuer, values):
    actor = member()
    ticket = VoidTicket.objects.create(
        contract=official(actor), reason="wrong", opened_by_id=actor.user_id, opened_at=NOW
    )
    refused(VoidTicket.objects.filter(pk=ticket.pk), **values)


@pytest.mark.rule("R11")
@pytest.mark.parametrize("values", [{"certified_name": ""}, {"certification": "none"}, {"certification": "royal"}])
def test_an_account_certified_without_a_name_or_named_without_certification(values):
    refused(Account.objects.filter(pk=PartyProfileFactory().account.pk), **values)


def test_a_second_draft_file(issuer):
    contract = draft(member())
    with guards_lifted(), pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        ContractDocument.objects.create(
            contract=contract, kind="draft", sha256="0" * 64, size=1, pages=1, created_at=NOW
        )


def test_a_bank_line_booked_twice():
    account = PartyProfileFactory().account
    booking = {"account": account, "amount": "10.00", "bank_reference": "B1", "booked_at": NOW}
    entry = LedgerEntry.objects.create(**booking)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(**booking)
    LedgerEntry.objects.create(account=account, amount="-10.00", reverses=entry, booked_at=NOW)
    assert get_balance(account) == 0
