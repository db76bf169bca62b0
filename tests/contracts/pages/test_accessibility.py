"""Nothing serious stands in the way of a keyboard or a screen reader, on any page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User

from billing.access import actor_of
from billing.password_links import path_of_link
from contracts import services
from contracts.models import Contract
from tests import factories
from tests.billing.webhooks.receiving import due, endpoint_of
from tests.contracts.pages.browser import SIZES, browsing, needs_chromium, sign_in

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
SERIOUS = {"serious", "critical"}


@pytest.fixture
def pages(issuer) -> list[str]:
    """The address of every page, over contracts in each status."""
    account = factories.PartyProfileFactory().account
    membership = factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo"))
    actor = actor_of(membership, "page")
    draft = factories.draft(actor, type="payment_request")
    official = factories.official(actor)
    voided = services.void_draft(contract=factories.draft(actor), by=actor)
    unpaid, paid = factories.OrderFactory(account=account), factories.PaidOrderFactory(account=account)
    webhook = due(endpoint_of(account))
    return [
        "/contracts/",
        "/contracts/?status=voided",
        "/contracts/apply/",
        f"/contracts/apply/order/?order={paid.number}",
        f"/contracts/apply/payment-request/?order={unpaid.number}",
        f"/contracts/{draft.number}/created/?stay=1",
        f"/contracts/{draft.number}/",
        f"/contracts/{official.number}/",
        f"/contracts/{draft.number}/convert/",
        f"/contracts/{draft.number}/void/",
        f"/contracts/{official.number}/request-void/",
        "/orders/",
        f"/orders/{unpaid.number}/",
        f"/orders/{unpaid.number}/pay/",
        f"/orders/{unpaid.number}/pay/balance/",
        f"/orders/{unpaid.number}/cancel/",
        f"/contracts/{voided.number}/",
        "/account/",
        "/account/details/",
        "/account/ledger/",
        "/account/password/",
        "/account/tokens/",
        "/account/webhooks/",
        "/account/webhooks/new/",
        f"/account/webhooks/{webhook.endpoint_id}/",
        f"/account/webhooks/{webhook.endpoint_id}/deliveries/{webhook.pk}/",
        "/account/certification/",
        "/help/",
        f"/verify/?code={official.verification_code}",
    ]


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious(pages, live_server, monkeypatch, size):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    found = []
    with browsing(live_server.url, size, policy=False) as page:
        link = path_of_link(User.objects.get(username="demo"))
        for address in (link, "/password/sent/", "/password/MQ/made-up/", "/password/", "/login/"):
            page.goto(address)
            found += serious(page)
        sign_in(page)
        page.wait_for_url("**/contracts/")
        for address in pages:
            answer = page.goto(address)
            assert answer
            assert answer.status == 200, address
            found += serious(page)
    assert found == []


def serious(page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in violations
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("size", SIZES)
def test_nor_in_what_opens_over_a_page_or_follows_from_it(pages, live_server, monkeypatch, size):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    found = []
    with browsing(live_server.url, size, policy=False) as page:
        page.goto("/contracts/")
        sign_in(page)
        for action in ("convert", "void", "request-void"):
            page.goto("/contracts/")
            page.locator(f"tbody a[href$='/{action}/'], tbody button[formaction$='/{action}/']").first.click()
            page.locator("dialog[open]").wait_for()
            found += serious(page)

        page.goto("/contracts/apply/order/")
        page.locator("input[name=order_numbers]:not([disabled])").first.check()
        page.locator("tbody a[href^='/orders/']").first.click()
        page.locator("dialog.drawer[open]").wait_for()
        page.wait_for_load_state("networkidle")  # what is being asked for stands back meanwhile
        found += serious(page)
        page.locator("dialog.drawer[open] button").first.click()
        page.locator("button[name=next]:visible").click()
        page.wait_for_url("**/confirm/**")
        found += serious(page)
    assert found == []


@pytest.mark.parametrize("size", SIZES)
def test_nor_on_error_pages_and_where_a_token_is_made_and_revoked(pages, live_server, monkeypatch, size):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    found = []
    voided = Contract.objects.get(status="voided").number
    with browsing(live_server.url, size, policy=False, errors=True) as page:
        page.goto("/contracts/")
        sign_in(page)
        page.wait_for_url("**/contracts/")
        for address, status in {"/contracts/NONE/": 404, f"/contracts/{voided}/document/": 410}.items():
            answer = page.goto(address)
            assert answer
            assert answer.status == status
            found += serious(page)
        page.goto("/account/tokens/")
        page.locator("a[href$='/create/']").click()
        page.wait_for_url("**/tokens/create/")
        found += serious(page)
        page.locator("input[name=name]").fill("procurement")
        page.locator("main form button").click()
        page.locator(".secret").wait_for()
        found += serious(page)
        page.goto("/account/tokens/")
        page.locator("a[href$='/revoke/']").first.click()
        page.wait_for_url("**/revoke/")
        found += serious(page)
    assert found == []
