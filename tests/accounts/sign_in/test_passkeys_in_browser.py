"""Passkeys in Chromium, with an authenticator that its debugger plays."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Membership
from tests import factories
from tests.accounts.sign_in.codes import with_app
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def owner(issuer) -> Membership:
    account = factories.PartyProfileFactory().account
    return factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo"))


@pytest.fixture
def address(live_server, settings) -> str:
    """The site by name: browsers make no passkeys for a bare IP address."""
    settings.SITE_URL = live_server.url.replace("127.0.0.1", "localhost")
    return settings.SITE_URL


@pytest.fixture(params=["wide", "phone"])
def page(request, address, monkeypatch) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(address, request.param) as page:
        page.debugger = page.context.new_cdp_session(page)
        page.debugger.send("WebAuthn.enable")
        added = page.debugger.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        page.authenticator = added["authenticatorId"]
        yield page


def add_passkey(page: Page) -> None:
    page.goto("/account/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("office laptop")
    page.get_by_role("button", name="Create passkey").click()


def verify_nobody(page: Page, *, verified: bool) -> None:
    given = {"authenticatorId": page.authenticator, "isUserVerified": verified}
    page.debugger.send("WebAuthn.setUserVerified", given)


def test_a_passkey_is_added_then_asked_for_and_then_signs_in_alone(owner, page):
    page.goto("/login/")
    sign_in(page)
    add_passkey(page)
    expect(page.get_by_text("The passkey was added.")).to_be_visible()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_text("office laptop").first).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).first.click()
    page.fill("[name=username]", "demo")
    page.fill("[name=password]", "secret")
    page.press("[name=password]", "Enter")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/contracts/")

    page.get_by_role("button", name="Sign out", exact=True).first.click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/contracts/")


def test_who_does_not_unlock_the_device_is_not_let_in(owner, page):
    page.goto("/login/")
    sign_in(page)
    add_passkey(page)
    page.get_by_role("link", name="I have saved them").click()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    verify_nobody(page, verified=False)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("The browser returned no passkey.")).to_be_visible()
    page.goto("/contracts/")
    expect(page).to_have_url(re.compile("/login/"))


def test_without_scripts_the_code_remains(owner, address, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    codes = with_app(owner.user)
    with browsing(address, "phone", scripts=False) as page:
        page.goto("/login/")
        expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
        page.fill("[name=username]", "demo")
        page.fill("[name=password]", "secret")
        page.press("[name=password]", "Enter")
        page.get_by_label("Code").fill(codes[0])
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/contracts/")
