"""The back office, Django's own pages included, lives under the strict policy, and nothing in it is blocked by it.

Its pages as they are first shown are in `tests/config/test_passive_checks.py`.
"""

import logging

import pytest

from accounts.models import Account
from tests import factories
from tests.contracts.back_office.marks import LEADS, Marks
from tests.contracts.back_office.office import open_office, someone
from tests.contracts.back_office.test_who_may_decide import FIRST, money, targets
from tests.contracts.back_office.walk import addresses
from tests.contracts.pages.browser import SIZES, browsing, needs_chromium, sign_in
from tests.contracts.pages.test_accessibility import serious

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
ASKED = {
    "app_list": "",
    "autocomplete": "?term=2&app_label=billing&model_name=remittanceaccount&field_name=account",
    "changelist": "?q=CT-1&o=1&p=0&e=1&_facets=1",
    "add": "?_popup=1",
}
"""How else Django's own pages are asked for."""


KNOWN = {
    "label-title-only": "the label of Django's search field is a picture, whose text axe does not count",
    "aria-prohibited-attr": "Django's script puts tooltips on marks of its lists of permissions",
}
"""What axe finds in Django's own parts, and why it is let be."""


def policy_faults(page) -> list[str]:
    """What of a page the policy would block, or that loosens the policy."""
    if page.status_code in (301, 302):
        return []
    policy = set(page["Content-Security-Policy"].split("; "))
    faults = [] if policy in (POLICY, {"default-src 'none'", "sandbox"}) else [f"policy {policy}"]
    if not page["Content-Type"].startswith("text/html"):
        return faults
    marks = Marks(page.text)
    faults += [text for text in marks.inline if "application/json" not in text]
    for tag, given in marks.all:
        faults += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        leads = [given.get(name) or "" for name in (*LEADS, "src")]
        faults += [f"<{tag} {lead}>" for lead in leads if lead.startswith(("javascript:", "http:", "https:", "//"))]
    return faults


@pytest.fixture
def _office(db, clock, issuer, caplog):
    caplog.set_level(logging.ERROR, "django")
    open_office()
    factories.AccountFactory()
    factories.UserFactory()


@pytest.mark.usefixtures("_office")
class TestPages:
    def test_asked_for_in_other_ways(self):
        wrong, client = [], someone("superuser")
        for each in addresses(nobodys=False):
            if query := ASKED.get(each.name.rpartition("_")[2] or each.name, ""):
                page = client.get(each.url + query, follow=True)
                wrong += [f"{each.url}{query}: {fault}" for fault in policy_faults(page)]
                assert page.status_code in (200, 403), each.url
        assert wrong == []

    @pytest.mark.exhaustive
    def test_narrowed_by_every_filter(self):
        wrong, client = [], someone("superuser")
        for each in addresses(nobodys=False):
            if each.name.endswith("_changelist"):
                hrefs = [given.get("href") or "" for _, given in Marks(client.get(each.url).text).all]
                for query in {href for href in hrefs if href.startswith("?")}:
                    page = client.get(each.url + query)
                    assert page.status_code == 200, query
                    wrong += [f"{each.url}{query}: {fault}" for fault in policy_faults(page)]
        assert wrong == []

    @pytest.mark.exhaustive
    def test_that_answer_what_was_sent_wrongly_or_ask_once_more(self):
        """Forms with errors, what is booked shown first, and the page that asks whether rows are to be deleted."""
        wrong, client, urls = [], someone("superuser"), targets()
        for name, url in urls.items():
            sent = FIRST[name] | money() if name in FIRST else {}
            if name not in ("logout", "login") and not name.endswith("prepare"):
                wrong += [f"{url}: {fault}" for fault in policy_faults(client.post(url, sent))]
        nobody = factories.UserFactory().pk
        page = client.post("/admin/auth/user/", {"action": "delete_selected", "_selected_action": [nobody]})
        assert "Are you sure" in page.text
        wrong += policy_faults(page)
        assert wrong == []


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/nothing/"])
def test_neither_do_pages_for_those_who_are_not_signed_in(client, db, address):
    assert policy_faults(client.get(address, follow=True)) == []


@pytest.mark.exhaustive
@needs_chromium
@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    """Nothing is blocked, no script fails, and nothing serious stands in the way of a keyboard or a screen reader."""

    @pytest.fixture
    def pages(self, issuer, monkeypatch) -> list[str]:
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
        factories.UserFactory(username="root", is_staff=True, is_superuser=True)
        open_office()
        lists = [each.url for each in addresses(nobodys=False) if each.name.endswith("_changelist")]
        records = [url for name, url in targets().items() if name.endswith(("_change", "_customer"))]
        return ["/admin/", "/admin/password_change/", *lists, *records, "/admin/accounts/account/add/"]

    def test_nothing_is_blocked(self, pages, live_server):
        with browsing(live_server.url, "wide") as page:
            page.goto("/admin/")
            sign_in(page, "root")
            for address in pages:
                answer = page.goto(address)
                assert answer
                assert answer.status == 200, address
            page.locator(".add-row a").click()
            page.locator(".select2-selection").last.click()
            page.locator(".select2-results__option").first.wait_for()

    @pytest.mark.parametrize("size", SIZES)
    def test_axe_finds_nothing_serious(self, pages, live_server, size):
        found = []
        # errors: axe asks for the sheets that Django's forms import, at addresses of its own
        with browsing(live_server.url, size, policy=False, errors=True) as page:
            page.goto("/admin/")
            found += serious(page)
            sign_in(page, "root")
            for address in pages:
                page.goto(address)
                found += serious(page)
        assert [said for said in found if not any(f": {rule} " in said for rule in KNOWN)] == []


def test_the_policy_is_the_one_of_the_pages_of_customers(client, db):
    assert set(client.get("/login/")["Content-Security-Policy"].split("; ")) == POLICY
    assert Account.objects.count() == 0
