"""The keyboard alone, and what a visitor sees while something is under way."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.access.actors import Actor, actor_of
from tests import factories
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def member(issuer) -> Actor:
    account = factories.PartyProfileFactory().account
    return actor_of(factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo")), "page")


@pytest.fixture
def contracts(member) -> None:
    """A draft and an official contract, sealed before the browser opens."""
    factories.official(member)
    factories.draft(member)


@pytest.fixture
def visitor(member, live_server, monkeypatch) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, "wide", errors=True, policy=False) as page:
        page.goto("/help/")
        sign_in(page)
        yield page
        page.unroute_all(behavior="ignoreErrors")


@pytest.fixture
def contract_list(contracts, visitor: Page) -> Page:
    visitor.goto("/contracts/")
    return visitor


@pytest.fixture
def picker(member, visitor: Page) -> Page:
    factories.PaidOrderFactory.create_batch(30, account=member.account)
    visitor.goto("/contracts/apply/order/?since=&until=")
    return visitor


def tab(page: Page, times: int) -> None:
    for _ in range(times):
        page.keyboard.press("Tab")


def test_remarks_that_are_opened_are_typed_into_at_once(contract_list):
    contract_list.locator(".remarks summary").first.press("Enter")
    expect(contract_list.get_by_label(re.compile("Remarks of")).first).to_be_focused()
    contract_list.keyboard.type("Archive 7")
    contract_list.keyboard.press("Enter")
    expect(contract_list.locator("summary", has_text="Archive 7")).to_be_focused()


@pytest.mark.parametrize("action", ["Request void", "Void"])
def test_a_reason_is_typed_at_once_and_escape_leads_back(contract_list, action):
    link = contract_list.locator("tbody").get_by_role("link", name=action, exact=True).first
    link.press("Enter")
    expect(contract_list.get_by_role("dialog").get_by_label("Reason")).to_be_focused()
    contract_list.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_the_list_is_two_tabs_from_the_top_and_next_follows_the_filters(picker):
    tab(picker, 2)
    picker.keyboard.press("Enter")
    tab(picker, 2)
    expect(picker.locator("input[name=order_numbers]").first).to_be_focused()
    picker.get_by_role("button", name="Current month").focus()
    tab(picker, 1)
    expect(picker.get_by_role("button", name="Next")).to_be_focused()
    box = picker.get_by_role("button", name="Next").bounding_box()
    assert box
    assert box["y"] > picker.locator("tbody tr").first.bounding_box()["y"]  # and is to be seen below the rows


@pytest.mark.rule("R30")
def test_tab_stays_in_the_drawer_and_escape_returns_to_the_row(picker):
    order = picker.locator("tbody th a").first
    order.press("Enter")
    drawer = picker.get_by_role("dialog", name="Order details")
    expect(drawer).to_be_visible()
    for key in ("Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
        picker.keyboard.press(key)
        expect(drawer.locator(":focus")).to_have_count(1)
    picker.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(order).to_be_focused()


@pytest.mark.rule("R30")
def test_an_order_opens_though_a_box_was_checked_just_before(picker):
    """The box's request, sent 150 ms later, must not end the order's, which is still under way."""
    later: list[Route] = []

    def hold(route: Route) -> None:
        later.append(route)

    picker.route("**/orders/**", hold)
    picker.locator("input[name=order_numbers]:enabled").first.check()
    picker.locator("tbody th a").first.click()
    expect(picker.locator("[data-picked-count]")).to_have_text("1")
    later[0].continue_()
    expect(picker.get_by_role("dialog", name="Order details")).to_be_visible()


@pytest.mark.rule("R14")
def test_opening_an_order_without_a_connection_stays_on_the_page(picker):
    address = picker.url
    picker.locator("input[name=order_numbers]:enabled").first.check()
    expect(picker.locator("[data-picked-count]")).to_have_text("1")
    picker.locator("tbody th a").last.scroll_into_view_if_needed()
    picker.context.set_offline(True)
    picker.locator("tbody th a").last.click()
    expect(picker.get_by_role("alert")).to_be_in_viewport()
    assert picker.url.startswith(address)
    expect(picker.locator("input[name=order_numbers]:checked")).to_have_count(1)
    picker.context.set_offline(False)
    picker.locator("tbody th a").last.click()
    expect(picker.get_by_role("dialog", name="Order details")).to_be_visible()
    expect(picker.get_by_role("alert")).to_have_count(0)


def test_buttons_show_that_they_are_at_work(contract_list):
    """One that htmx sends, and one that the browser sends."""
    contract_list.route("**/convert/", lambda route: None)
    link = contract_list.locator("tbody a[href$='/convert/']").first
    link.click()
    expect(link).to_have_css("cursor", "progress")

    contract_list.goto("/contracts/apply/order/?since=&until=")
    contract_list.evaluate(
        "addEventListener('submit', (event) => event.preventDefault())"
    )  # stay, to look at the button
    search = contract_list.get_by_role("button", name="Search")
    search.click()
    expect(search).to_have_css("cursor", "progress")
