"""Nothing serious stands in the way of a keyboard or a screen reader, on any page."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.contracts.pages.browser import SIZES, browsing, needs_chromium, sign_in
from tests.contracts.pages.every_page import SIGNED_OUT, Console, furnish

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]
SERIOUS = {"serious", "critical"}


@pytest.fixture
def console(issuer) -> Console:
    return furnish()


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious(console, live_server, monkeypatch, size):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    found = []
    with browsing(live_server.url, size, policy=False) as page:
        for address in [console.reset_link, console.invitation_link, *SIGNED_OUT, "/login/"]:
            page.goto(address)
            found += serious(page)
        sign_in(page)
        for address in console.pages:
            answer = page.goto(address)
            assert answer
            assert answer.status == 200, address
            found += serious(page)
    assert found == []


def serious(page) -> list[str]:
    page.wait_for_load_state("load")  # a page still without its styles has no colours to judge
    violations = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in violations
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("size", SIZES)
def test_nor_in_what_opens_over_a_page_or_follows_from_it(console, live_server, monkeypatch, size):
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
def test_nor_on_error_pages_and_where_a_token_is_made_and_revoked(console, live_server, monkeypatch, size):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    found = []
    with browsing(live_server.url, size, policy=False, errors=True) as page:
        page.goto("/contracts/")
        sign_in(page)
        for address, status in {"/contracts/NONE/": 404, f"/contracts/{console.voided.number}/document/": 410}.items():
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
