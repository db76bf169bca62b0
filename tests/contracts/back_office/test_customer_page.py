"""A customer's page: the account with its latest records, for those who may view them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.actors import actor_of
from accounts.admin import customer
from accounts.models import Account
from billing.models import LedgerEntry
from contracts import services
from tests import factories
from tests.billing.bookkeeping import HOSTILE, asked, book
from tests.contracts.back_office.legal import holder_of, member_of, superuser, text_of
from tests.contracts.back_office.marks import Marks
from tests.webhooks.receiving import endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
SECTIONS = {
    "contract": "view_contract",
    "voidticket": "view_voidticket",
    "order": "view_order",
    "ledgerentry": "view_ledgerentry",
    "remittanceaccount": "view_remittanceaccount",
    "partyprofile": "view_partyprofile",
    "membership": "view_membership",
    "certificationrequest": "view_certificationrequest",
    "webhookendpoint": "view_webhookendpoint",
}
"""Part of the page → permission to view it."""


@pytest.fixture
def actor(membership):
    return actor_of(membership, "page")


def address(account: Account) -> str:
    return f"/admin/accounts/account/{account.pk}/customer/"


def sections(page) -> set[str]:
    return set(re.findall(r'aria-labelledby="customer-(\w+)"', page.text)) - {"orders"}


def furnish(actor) -> None:
    """One more of each."""
    factories.draft(actor, type="payment_request")
    services.request_void(contract=factories.official(actor), reason="Wrong orders", by=actor)
    book(actor.account, reference=f"CMB-{LedgerEntry.objects.count()}")
    endpoint_of(actor.account, description="ERP")
    factories.MembershipFactory(account=actor.account)


def test_the_page_shows_the_latest_of_everything_with_counts_and_sums(actor):
    furnish(actor)
    factories.RemittanceAccountFactory(account=actor.account, account_number="12190000999977770001")
    text = text_of(member_of("Finance").get(address(actor.account)))
    for shown in (
        actor.account.certified_name,
        *("Draft contract 1 CNY 1,080.50", "Active official contract 1 CNY 1,080.50"),
        *("Unpaid 1 CNY 1,080.50", "Paid 1 CNY 1,080.50"),
        *("Wrong orders", "Balance CNY 100.00", "12190000999977770001", "https://hooks.example.com/"),
        actor.account.memberships.first().user.username,
    ):
        assert shown in text


def test_sums_are_by_currency_and_by_the_status_of_now(actor, clock):
    for currency, amount in (("CNY", "100.00"), ("USD", "7.00"), ("USD", "8.00")):
        price = {"list_amount": Decimal(amount), "payable_amount": Decimal(amount), "currency": currency}
        factories.OrderFactory(account=actor.account, **price)
    lapsed = factories.draft(actor, type="payment_request")
    clock.shift(timedelta(days=8))
    text = text_of(superuser().get(address(actor.account)))
    assert "Cancelled 2 CNY 1,180.50" in text
    assert "Cancelled 2 USD 15.00" in text
    assert "Invalid 1 CNY 1,080.50" in text
    assert lapsed.status == "draft"


def test_nothing_of_another_account_is_shown(actor):
    other = factories.member()
    furnish(other)
    furnish(actor)
    page = superuser().get(address(actor.account))
    assert other.account.number not in page.text
    for contract in other.account.contracts.all():
        assert contract.number not in page.text


@pytest.mark.parametrize(("section", "permission"), SECTIONS.items())
def test_each_part_is_for_those_who_may_view_its_rows(actor, section, permission):
    furnish(actor)
    assert sections(holder_of("view_account", permission).get(address(actor.account))) == {section}


def test_the_page_is_for_those_who_may_view_accounts(actor):
    assert sections(member_of("Auditor").get(address(actor.account))) == SECTIONS.keys()
    assert sections(holder_of("view_account").get(address(actor.account))) == set()
    assert holder_of("view_contract").get(address(actor.account)).status_code == 403
    assert superuser().get("/admin/accounts/account/999999/customer/").status_code == 404


def test_the_statements_do_not_grow_with_the_rows(actor):
    client, asked_for = superuser(), address(actor.account)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(asked_for).status_code == 200
        return len(captured)

    furnish(actor)
    asked(actor.account)
    first = statements()
    for _ in range(3):
        furnish(actor)
    assert statements() == first <= 28


def test_counting_ends_at_a_limit_and_then_nothing_is_summed(actor, monkeypatch):
    monkeypatch.setattr(customer, "MAX_COUNTED_ROWS", 2)
    for _ in range(3):
        factories.OrderFactory(account=actor.account)
    text = text_of(superuser().get(address(actor.account)))
    assert "Orders 2+" in text
    assert "too many to add them up" in text


def test_the_lists_that_the_page_leads_to_have_the_rows_of_this_account_alone(actor):
    furnish(actor)
    asked(actor.account)
    furnish(factories.member())
    client = superuser()
    leads = {given["href"] for tag, given in Marks(client.get(address(actor.account)).text).all if tag == "a"}
    lists = {lead for lead in leads if lead and f"q={actor.account.number}" in lead}
    assert len(lists) == 6
    for lead in lists:
        rows = client.get(lead).context["cl"].result_list
        assert rows
        for row in rows:
            owner = row if hasattr(row, "account") else row.contract
            assert owner.account == actor.account


def test_records_and_the_list_of_accounts_lead_there(actor):
    furnish(actor)
    client, wanted = superuser(), f'href="{address(actor.account)}"'
    contract = actor.account.contracts.first()
    ticket = services.request_void(contract=factories.official(actor), reason="Twice", by=actor)
    for model, row in (
        ("contracts/contract", contract),
        ("contracts/voidticket", ticket),
        ("orders/order", actor.account.orders.first()),
        ("billing/ledgerentry", actor.account.ledger.first()),
        ("accounts/certificationrequest", asked(actor.account)),
        ("webhooks/webhookendpoint", actor.account.webhook_endpoints.first()),
        ("accounts/account", actor.account),
    ):
        assert wanted in client.get(f"/admin/{model}/{row.pk}/change/").text, model
    assert wanted in client.get("/admin/accounts/account/").text


def test_what_a_customer_wrote_is_shown_as_text(actor):
    endpoint_of(actor.account, url=HOSTILE, description=HOSTILE)
    services.request_void(contract=factories.official(actor), reason=HOSTILE, by=actor)
    text = superuser().get(address(actor.account)).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_every_model_with_an_account_and_a_list_has_its_part():
    owned = {
        model._meta.model_name
        for model in admin.site._registry
        if "account" in {field.name for field in model._meta.fields} or model._meta.model_name == "voidticket"
    }
    assert owned - SECTIONS.keys() == {"batch", "proposal"}  # contracts are in theirs; proposals are of staff
