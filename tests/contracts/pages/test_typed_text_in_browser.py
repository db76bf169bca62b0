"""What was typed and not sent yet is kept, or its loss is warned of first: in the console and the back office."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from playwright.sync_api import Dialog, Page, expect

from contracts.services.publishing import prepare_clauses
from tests import factories
from tests.contracts.back_office.legal import CLAUSES, legal
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]
DETAILS = "/account/details/"


@pytest.fixture
def page(live_server, monkeypatch, issuer) -> Iterator[Page]:
    """`demo` is the owner of an account that has a paid order, and `legal` is at work."""
    account = factories.PartyProfileFactory().account
    factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo"))
    factories.PaidOrderFactory(account=account)
    user = factories.UserFactory(username="legal", is_staff=True)
    user.groups.add(Group.objects.get(name="Legal"))
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, "wide", errors=True) as page:
        yield page


def open_as(page: Page, username: str, address: str) -> None:
    page.goto(address)
    sign_in(page, username)
    page.wait_for_url(f"**{address}")


def warnings_of(page: Page, *, stay: bool) -> list[str]:
    """The kinds of dialogs that open from now on; `stay` answers them with staying on the page."""
    kinds: list[str] = []

    def answer(dialog: Dialog) -> None:
        kinds.append(dialog.type)
        if stay:
            dialog.dismiss()
        else:
            dialog.accept()

    page.on("dialog", answer)
    return kinds


def confirm_page(page: Page) -> None:
    page.goto("/contracts/apply/order/?since=&until=")
    page.locator("input[name=order_numbers]").check()
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/confirm/**")


@pytest.mark.rule("R14")
def test_return_to_modify_and_a_switch_of_language_keep_it(page):
    open_as(page, "demo", "/contracts/")
    confirm_page(page)
    page.get_by_label("Contact").fill("Han Meimei")
    page.get_by_label("Remarks").fill("Q4")

    page.get_by_role("link", name="Return to Modify").click()
    page.wait_for_url("**/apply/order/?**")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_label("Contact")).to_have_value("Han Meimei")

    page.get_by_label("Contact").fill("韩梅梅")
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_label("联系人")).to_have_value("韩梅梅")
    expect(page.locator("[name=remarks]")).to_have_value("Q4")


def test_an_ended_session_gives_it_back_after_signing_in(page):
    open_as(page, "demo", DETAILS)
    page.get_by_label("Contact").fill("Han Meimei")
    Session.objects.all().delete()

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page.locator("#typed-held")).to_be_visible()
    sign_in(page)

    expect(page.get_by_label("Contact")).to_have_value("Han Meimei")
    expect(page.locator("#typed-again")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Details saved.")).to_be_visible()
    expect(page.get_by_label("Contact")).to_have_value("Han Meimei")


def test_nobody_else_gets_it(page):
    factories.MembershipFactory(user=factories.UserFactory(username="other"))
    open_as(page, "demo", DETAILS)
    page.get_by_label("Contact").fill("Han Meimei")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save").click()
    sign_in(page, "other")
    page.wait_for_url(f"**{DETAILS}")

    expect(page.get_by_label("Contact")).to_have_value("")
    page.wait_for_function("sessionStorage.getItem('typed') === null")


def test_leaving_is_warned_of_and_a_switch_of_language_keeps_it(page):
    open_as(page, "demo", DETAILS)
    page.get_by_label("Contact").fill("Han Meimei")
    asked = warnings_of(page, stay=True)

    page.get_by_role("link", name="Orders").first.click()
    expect(page.get_by_label("Contact")).to_have_value("Han Meimei")
    assert asked == ["beforeunload"]

    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("[name=contact]")).to_have_value("Han Meimei")
    assert asked == ["beforeunload"]


def test_nothing_is_asked_where_nothing_was_typed(page):
    open_as(page, "demo", DETAILS)
    asked = warnings_of(page, stay=False)

    page.get_by_role("link", name="Orders").first.click()
    page.wait_for_url("**/orders/")

    assert asked == []


def test_clauses_that_are_typed_survive_an_ended_session(page):
    version = prepare_clauses(type="order", by=legal())
    address = f"{CLAUSES}/{version.pk}/change/"
    open_as(page, "legal", address)
    count = version.clauses.count()
    page.locator("[name=clauses-0-text_en]").fill("Typed just now")
    page.locator("#clauses-group .add-row a").click()
    page.locator(f"[name=clauses-{count}-heading_en]").fill("A new one")
    Session.objects.all().delete()

    page.locator("[name=_save]:visible").click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    sign_in(page, "legal")

    expect(page.locator("[name=clauses-0-text_en]")).to_have_value("Typed just now")
    expect(page.locator(f"[name=clauses-{count}-heading_en]")).to_have_value("A new one")


def test_publish_keeps_the_clauses_that_were_typed(page):
    version = prepare_clauses(type="order", by=legal())
    open_as(page, "legal", f"{CLAUSES}/{version.pk}/change/")
    page.locator("[name=clauses-0-text_en]").fill("Typed just now")
    asked = warnings_of(page, stay=True)

    page.get_by_role("link", name="History").first.click()
    expect(page.locator("[name=clauses-0-text_en]")).to_have_value("Typed just now")
    page.get_by_role("button", name="Publish").click()

    page.wait_for_url(f"**/{version.pk}/publish/")
    expect(page.get_by_text("Typed just now").first).to_be_visible()
    assert asked == ["beforeunload"]
