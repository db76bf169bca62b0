"""From the customer's request to the customer's page, in a real browser: both decisions about a void ticket (R5)."""

import re
from collections.abc import Iterator
from hashlib import sha256

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from accounts.access.actors import actor_of
from contracts.models import Contract
from tests import factories
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True), pytest.mark.rule("R5")]


@pytest.fixture
def contract(issuer) -> Contract:
    """Of the customer `demo`; `finance` is at work."""
    account = factories.PartyProfileFactory().account
    membership = factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo"))
    finance = factories.UserFactory(username="finance", is_staff=True)
    finance.groups.add(Group.objects.get(name="Finance"))
    return factories.official(actor_of(membership, "page"), count=2)


@pytest.fixture(params=[("wide", True), ("phone", True), ("wide", False)], ids=["wide", "phone", "no script"])
def page(request, live_server, monkeypatch, contract) -> Iterator[Page]:
    """The contract is sealed before, as Playwright's loop and that of the signer do not go together."""
    size, scripts = request.param
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, size, scripts=scripts) as page:
        yield page


def become(page: Page, username: str, address: str) -> None:
    """Somebody else sits down at the browser."""
    page.goto("about:blank")  # pictures on their way would be sent to sign in, with a CSRF cookie each
    page.context.clear_cookies()
    page.goto(address)
    sign_in(page, username)


def ask(page: Page, contract: Contract) -> None:
    """The customer asks for the contract to be voided."""
    become(page, "demo", f"/contracts/{contract.number}/")
    page.get_by_role("link", name="Request void").first.click()
    page.get_by_label("Reason").fill("Our company was renamed <b>twice</b>")
    page.get_by_role("button", name="Request void").click()
    expect(page.get_by_text("Void requested")).to_be_visible()


def take_up(page: Page) -> None:
    """Finance finds the ticket on the first page, and opens it."""
    become(page, "finance", "/admin/")
    page.get_by_role("link", name=re.compile(r"^Ticket \d+$")).click()
    expect(page.get_by_text("Our company was renamed <b>twice</b>").first).to_be_visible()
    expect(page.get_by_alt_text("Page 1 of").first).to_be_visible()


def test_an_approved_request(page, contract):
    ask(page, contract)
    take_up(page)
    page.get_by_role("link", name="Approve: void the contract").click()
    expect(page.get_by_text("2 orders are released")).to_be_visible()
    for number in contract.order_numbers:
        expect(page.get_by_text(number)).to_be_visible()
    page.get_by_label("Note to the customer").fill("Apply again under the new name.")
    page.get_by_role("button", name="Approve: void the contract").click()
    expect(page.get_by_text("was approved. The contract is voided")).to_be_visible()
    expect(page.get_by_role("link", name="Approve: void the contract")).to_have_count(0)
    page.goto("/admin/")
    expect(page.get_by_text("None. Customers' requests to void")).to_be_visible()

    become(page, "demo", f"/contracts/{contract.number}/")
    expect(page.get_by_text("Voided on")).to_be_visible()
    expect(page.get_by_text("Apply again under the new name.")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download the void certificate").click()
    assert saved.value.suggested_filename == f"{contract.number}-void-certificate.pdf"
    certificate = Contract.objects.get(pk=contract.pk).documents.get(kind="void_certificate")
    assert sha256(saved.value.path().read_bytes()).hexdigest() == certificate.sha256


def test_a_rejected_request(page, contract):
    ask(page, contract)
    take_up(page)
    page.get_by_role("link", name="Reject: leave the contract in force").click()
    expect(page.get_by_text("stays in force and keeps its orders")).to_be_visible()
    page.get_by_role("button", name="Reject: leave the contract in force").click()
    note = page.get_by_label("Note to the customer")
    expect(note).to_be_visible()  # nothing is sent without a note
    note.fill("The name on it is the one of your licence.")
    page.get_by_role("button", name="Reject: leave the contract in force").click()
    expect(page.get_by_text("The contract stays in force, and the customer can read your note")).to_be_visible()

    become(page, "demo", f"/contracts/{contract.number}/")
    expect(page.get_by_text("Active official contract").first).to_be_visible()
    expect(page.get_by_text("The name on it is the one of your licence.")).to_be_visible()
    expect(page.get_by_role("link", name="Request void").first).to_be_visible()
    assert Contract.objects.get(pk=contract.pk).status == "official"
