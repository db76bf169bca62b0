"""Buttons that copy a number, and the tools of the picker, as a person uses them in a browser."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.access.actors import actor_of
from contracts import services
from contracts.bulk.batches import run_due_batches
from contracts.models import Contract
from tests import factories
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def contract(issuer) -> Contract:
    owner = factories.MembershipFactory(
        account=factories.PartyProfileFactory().account, user=factories.UserFactory(username="demo")
    )
    factories.PaidOrderFactory.create_batch(3, account=owner.account, paid_at=timezone.now())
    order = factories.OrderFactory(account=owner.account)
    by = actor_of(owner, "page")
    return services.apply_for_contract(type="payment_request", order_numbers=[order.number], by=by)


@pytest.fixture(params=[True, False], ids=["scripts", "no script"])
def visitor(request, live_server, monkeypatch) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, "wide", scripts=request.param) as page:
        page.scripts = request.param
        yield page


def test_numbers_are_copied_and_this_is_announced(contract, visitor):
    visitor.goto(f"/contracts/{contract.number}/")
    sign_in(visitor)
    if not visitor.scripts:
        expect(visitor.locator(".copy").first).to_be_hidden()
        return
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    account = contract.remittance_account["account_number"]
    sha256 = contract.documents.get().sha256
    for name, text in {
        f"Copy contract No. {contract.number}": contract.number,
        "Copy SHA-256": sha256,
        "Copy account number": account,
    }.items():
        visitor.get_by_role("button", name=name).click()
        expect(visitor.locator("#copied")).to_have_text("Copied")
        expect(visitor.get_by_role("button", name=name)).to_be_focused()
        assert visitor.evaluate("navigator.clipboard.readText()") == text

    visitor.get_by_role("button", name="Copy verification code").click()
    assert visitor.evaluate("navigator.clipboard.readText()").replace("-", "") == contract.verification_code

    visitor.goto("/contracts/?since=&until=")
    visitor.get_by_role("link", name="Oldest first").click()  # htmx replaces the list
    visitor.get_by_role("row", name=contract.number).hover()
    visitor.get_by_role("button", name=f"Copy contract No. {contract.number}").click()
    assert visitor.evaluate("navigator.clipboard.readText()") == contract.number


def test_from_pasted_numbers_to_several_drafts(contract, visitor):
    numbers = [order.number for order in contract.account.orders.filter(status="paid")]
    visitor.goto("/contracts/apply/order/")
    sign_in(visitor)
    visitor.get_by_text("Paste order numbers").click()
    visitor.get_by_label("Order numbers, one per line").fill("\n".join([*numbers, "NOPE"]))
    visitor.get_by_role("button", name="Select these orders").click()
    expect(visitor.get_by_text("Order NOPE was not found in this account.")).to_be_visible()
    expect(visitor.locator("[data-picked-count]")).to_have_text("3")

    visitor.get_by_role("button", name="Create several drafts").click()
    visitor.get_by_role("link", name="Month").click()
    visitor.get_by_role("button", name="Create 1 draft").click()
    expect(visitor.get_by_text("In progress.")).to_be_visible()
    run_due_batches()
    expect(visitor.get_by_text("1 of 1 done, 0 failed.")).to_be_visible()
    visitor.get_by_role("link", name="Check the drafts").click()
    expect(visitor.get_by_role("row", name="Order contract")).to_be_visible()


def test_all_results_and_clear(contract, visitor):
    visitor.goto("/contracts/apply/order/")
    sign_in(visitor)
    visitor.get_by_role("button", name="Select all 3 results").click()
    expect(visitor.locator("[data-picked-count]")).to_have_text("3")
    visitor.get_by_role("button", name="Clear all").click()
    expect(visitor.locator("[data-picked-count]")).to_have_text("0")
