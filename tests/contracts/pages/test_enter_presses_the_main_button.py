"""Enter in a field does what its form's main button does, on every page (issue: it turned the picker English).

The back office is in `tests/config/test_passive_checks.py`.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in
from tests.contracts.pages.conftest import signed_in
from tests.contracts.pages.every_page import SIGNED_OUT, furnish, unknown_addresses

TYPED = {None, "text", "search", "tel", "email", "url", "password", "number", "date", "time", "checkbox", "radio"}
"""Kinds of inputs in which Enter sends the form."""
MAIN = {"button-primary", "button-danger", "default"}


@dataclass(slots=True)
class Sent:
    """A form: whether something can be typed into it, and its submit buttons in the order of the page."""

    typed: bool = False
    buttons: list[dict[str, str | None]] = field(default_factory=list)

    @property
    def presses_another(self) -> bool:
        """Whether Enter presses a button that is neither the only one, nor the main one, nor hidden for the purpose."""
        if not self.typed or len(self.buttons) < 2 or "hidden" in self.buttons[0]:
            return False
        return not MAIN & set((self.buttons[0].get("class") or "").split())


class Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, Sent] = {}
        self._within = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._within = given.get("id") or f"form {len(self.sent)}"
        owner = given.get("form") or self._within
        if not owner:
            return
        sent = self.sent.setdefault(owner, Sent())
        kind = given.get("type")
        if (tag == "button" and kind in (None, "submit")) or (tag == "input" and kind in ("submit", "image")):
            sent.buttons.append(given)
        elif tag == "input" and kind in TYPED and "disabled" not in given:
            sent.typed = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._within = ""


def enter_faults(page) -> list[str]:
    if not page["Content-Type"].startswith("text/html"):
        return []
    return [
        f"Enter in {owner} presses another button"
        for owner, sent in Forms(page.text).sent.items()
        if sent.presses_another
    ]


@pytest.mark.django_db
def test_on_every_page_of_the_console(issuer, client):
    console = furnish()
    assert unknown_addresses(console) == set()
    for address in [*SIGNED_OUT, console.reset_link, console.invitation_link]:
        assert enter_faults(client.get(address, follow=True)) == [], address
    visit = signed_in(console.owner)
    for address in console.pages:
        page = visit.get(address)
        assert page.status_code == 200, address
        assert enter_faults(page) == [], address


@pytest.mark.exhaustive
@needs_chromium
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no script"])
def test_a_search_in_the_chinese_picker_stays_a_search_and_chinese(issuer, live_server, monkeypatch, scripts):
    account = factories.PartyProfileFactory().account
    factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo"))
    paid = {"account": account, "paid_at": timezone.now()}
    redis = factories.PaidOrderFactory(product=factories.ProductFactory(name="Redis", code="redis"), **paid)
    other = factories.PaidOrderFactory(**paid)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, "wide", scripts=scripts, language="zh-CN") as page:
        page.goto("/contracts/apply/order/")
        sign_in(page)
        page.get_by_label("产品").fill("redis")
        page.get_by_label("产品").press("Enter")
        expect(page.get_by_label(f"选择订单 {other.number}")).to_have_count(0)
        expect(page.get_by_label(f"选择订单 {redis.number}")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
