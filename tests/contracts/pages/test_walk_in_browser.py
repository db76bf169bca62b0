"""A customer's two minutes in a real browser: sign in, pick, confirm, draft, convert, download."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from contracts.models import Contract
from tests import factories
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [
    pytest.mark.exhaustive,
    needs_chromium,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def orders(issuer):
    membership = factories.MembershipFactory(
        account=factories.PartyProfileFactory().account, user=factories.UserFactory(username="demo")
    )
    return factories.PaidOrderFactory.create_batch(4, account=membership.account, paid_at=timezone.now())


@pytest.fixture(params=[("wide", True), ("phone", True), ("wide", False)], ids=["wide", "phone", "no script"])
def visitor(request, live_server, monkeypatch) -> Iterator[Page]:
    """A browser page; anything that the policy blocks, and any error of a script, fails the test."""
    size, scripts = request.param
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, size, scripts=scripts) as page:
        yield page


def fits(visitor: Page) -> None:
    """Nothing sticks out to the right (asked only where scripts run), once the styles are there."""
    visitor.wait_for_load_state()
    assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_from_signing_in_to_the_official_contract(orders, visitor: Page):
    visitor.goto("/")
    visitor.get_by_label("Username").fill("demo")
    visitor.get_by_label("Password").fill("secret")
    visitor.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_role("heading", name="Contract Management")).to_be_visible()

    visitor.get_by_role("link", name="Apply for Contract").click()
    expect(visitor.get_by_role("heading", name="Select the Contract Type")).to_be_visible()
    visitor.locator("a:visible", has_text="For paid orders").click()

    for order in orders[:2]:
        visitor.get_by_label(f"Select order {order.number}").check()
    visitor.get_by_role("button", name="Next", exact=True).click()

    expect(visitor.get_by_text("CNY 2,161.00")).to_be_visible()
    visitor.get_by_label("Remarks").fill("Archive")
    visitor.get_by_role("button", name="Generate Draft Contract").click()

    expect(visitor.get_by_role("heading", name="Draft contract created")).to_be_visible()
    visitor.get_by_role("link", name="Preview the draft").click()
    expect(visitor.get_by_alt_text("Page 1 of")).to_be_visible()
    visitor.get_by_role("link", name="Convert to official contract").click()
    expect(visitor.get_by_text("becomes legally binding")).to_be_visible()
    visitor.get_by_label("I have checked the draft").check()
    visitor.get_by_role("button", name="Convert to official contract").click()

    expect(visitor.get_by_text("is now official")).to_be_visible()
    expect(visitor.locator("tbody").get_by_text("Active official contract")).to_be_visible()
    contract = Contract.objects.get()
    with visitor.expect_download() as saved:
        visitor.locator("tbody").get_by_role("link", name="Download", exact=True).click()
    assert saved.value.suggested_filename == f"{contract.number}.pdf"


@pytest.mark.rule("R15")
@pytest.mark.rule("R30")
@pytest.mark.parametrize("visitor", [("wide", True), ("phone", True)], indirect=True, ids=["wide", "phone"])
def test_choosing_with_everything_in_sight(orders, visitor: Page):
    visitor.goto("/contracts/apply/order/")
    sign_in(visitor)
    fits(visitor)

    visitor.get_by_label(f"Select order {orders[0].number}").check()
    visitor.get_by_label(f"Select order {orders[1].number}").check()
    visitor.get_by_label(f"Select order {orders[1].number}").uncheck()
    expect(visitor.locator("[data-picked-count]")).to_have_text("1")
    expect(visitor.locator(".picked-total")).to_have_text("CNY 1,080.50")

    visitor.get_by_role("link", name=orders[2].number).click()
    expect(visitor.get_by_role("heading", name=f"Order {orders[2].number}")).to_be_visible()
    expect(visitor.get_by_label(f"Select order {orders[0].number}")).to_be_checked()
    visitor.get_by_role("button", name="Close").click()

    visitor.get_by_role("button", name="Next", exact=True).click()
    fits(visitor)
    visitor.get_by_role("button", name="Generate Draft Contract").click()
    expect(visitor.get_by_role("heading", name="Draft contract created")).to_be_visible()
    visitor.wait_for_url("**/contracts/")
    fits(visitor)


@pytest.mark.rule("R14")
@pytest.mark.parametrize("visitor", [("wide", True)], indirect=True, ids=["wide"])
def test_an_order_that_is_checked_before_the_scripts_have_come_is_counted(orders, visitor: Page):
    visitor.goto("/contracts/")
    sign_in(visitor)
    held: list[Route] = []
    visitor.route("**/htmx*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    visitor.goto("/contracts/apply/order/", wait_until="commit")
    visitor.get_by_label(f"Select order {orders[0].number}").check()
    held[0].continue_()
    expect(visitor.locator("[data-picked-count]")).to_have_text("1")


@pytest.mark.rule("R14")
@pytest.mark.rule("R17")
@pytest.mark.parametrize("visitor", [("wide", True)], indirect=True, ids=["wide"])
def test_what_moves_without_a_new_page(orders, visitor: Page):
    visitor.goto("/contracts/apply/order/")
    sign_in(visitor)
    visitor.get_by_label(f"Select order {orders[0].number}").check()
    expect(visitor.locator("[data-picked-count]")).to_have_text("1")
    visitor.get_by_role("button", name="简体中文").click()
    expect(visitor.locator("html")).to_have_attribute("lang", "zh-hans")
    visitor.get_by_role("button", name="English").click()
    expect(visitor.get_by_label(f"Select order {orders[0].number}")).to_be_checked()
    visitor.get_by_label("Select all orders on this page").check()
    expect(visitor.locator("[data-picked-count]")).to_have_text("4")
    visitor.get_by_role("button", name="Next", exact=True).click()
    visitor.get_by_role("button", name="Generate Draft Contract").click()
    visitor.get_by_role("link", name="Contract list", exact=True).click()

    visitor.locator("summary", has_text="Add remarks").click()
    visitor.get_by_label("Remarks of").fill("Archive 7")
    visitor.get_by_role("button", name="Save").click()
    expect(visitor.locator("summary", has_text="Archive 7")).to_be_focused()
    visitor.locator("summary", has_text="4 orders").click()
    visitor.get_by_role("link", name=orders[1].number).click()
    expect(visitor.get_by_role("dialog", name="Order details")).to_contain_text(orders[1].configuration)
    visitor.keyboard.press("Escape")
    expect(visitor.get_by_role("dialog", name="Order details")).to_be_hidden()

    visitor.locator("summary", has_text="Status").click()
    visitor.get_by_role("link", name="Voided", exact=True).click()
    expect(visitor.get_by_role("heading", name="No contract matches")).to_be_visible()
    assert visitor.url.endswith("?status=voided")
    visitor.go_back()
    expect(visitor.locator("tbody").get_by_text("Draft contract")).to_be_visible()
    visitor.wait_for_load_state("networkidle")  # going back loads the page anew, and its scripts open dialogs

    visitor.locator("tbody").get_by_role("link", name="Void", exact=True).click()
    visitor.get_by_role("dialog").get_by_role("button", name="Keep the draft").click()
    expect(visitor.get_by_role("dialog")).to_have_count(0)
    visitor.locator("tbody").get_by_role("link", name="Void", exact=True).click()
    visitor.get_by_role("dialog").get_by_role("button", name="Void", exact=True).click()
    expect(visitor.get_by_text("was voided. Its orders can be included in another contract.")).to_be_visible()
