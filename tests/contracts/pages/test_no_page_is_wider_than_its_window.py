"""Nothing sticks out to the right: every page, every role, both languages, many widths, long words everywhere."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client

from accounts.models import Account, CertificationRequest
from billing.models import LedgerEntry, RemittanceAccount
from contracts.models import VoidTicket
from orders.models import Order, Product
from tests import factories
from tests.contracts.back_office.office import STAFF, open_office, someone
from tests.contracts.back_office.walk import addresses
from tests.contracts.pages.browser import browsing, needs_chromium
from tests.contracts.pages.conftest import signed_in
from tests.contracts.pages.every_page import SIGNED_OUT, Console, furnish
from tests.contracts.pages.widths import faults_of_width
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]
LANGUAGES = ["en", "zh-hans"]
LISTS = ("index", "changelist")
PAGES = (*LISTS, "app_list", "change", "add", "approve", "reject", "reverse", "send-again", "open", "close", "publish")
PAGES += ("discard", "book", "statement")
"""How the names of the office's addresses end: those with rows, and of the others the pages."""
LONG = "Wellblechpalastbewohnergenossenschaftsvorsitz"
CHANGES = re.compile(r'(csrfmiddlewaretoken" value="|office-user">)\w+')
"""What differs between one page as two people see it."""
IN_NO_FRAME = re.compile(r"<script.*?</script>| autofocus", re.DOTALL)


@pytest.fixture
def console(issuer) -> Console:
    product = factories.ProductFactory(name=LONG, code=LONG.lower())
    account = dict.fromkeys(("address", "contact", "bank", "bank_account", "tax_number"), LONG)
    account |= {"email": f"{LONG}@customer.example", "account__certified_name": f"{LONG} {LONG}"}
    order = {"number": "FO" + "1" * 39, "product": product, "configuration": LONG * 3, "region": LONG}
    return furnish(account=account, order=order, remarks=LONG * 4)


def speaking(client: Client, language: str) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def answers(client: Client, pages: list[str]) -> dict[str, str]:
    """Address → page, without those that are files."""
    found = {}
    for address in pages:
        answer = client.get(address, follow=True)
        if answer["Content-Type"].startswith("text/html"):
            found[address] = IN_NO_FRAME.sub("", answer.text)
    return found


def too_wide(live_server, pages: dict[str, str]) -> str:
    """A line for each page and width at which something sticks out."""
    with browsing(live_server.url, "wide", policy=False, errors=True) as page:
        page.goto("/verify/")
        found = [f"{address} at {fault}" for address, html in pages.items() for fault in faults_of_width(page, html)]
    return "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_for_those_who_act_for_an_account(live_server, console, language):
    pages = answers(speaking(Client(), language), [*SIGNED_OUT, console.reset_link, console.invitation_link])
    pages |= answers(speaking(signed_in(console.owner), language), console.pages)
    assert too_wide(live_server, pages) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_for_those_who_only_read(live_server, console, language):
    viewer = factories.MembershipFactory(
        account=console.owner.account, role="viewer", user=factories.UserFactory(username=LONG)
    )
    pages = answers(speaking(signed_in(viewer), language), console.reading)
    assert too_wide(live_server, pages) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_for_staff_of_every_role(live_server, issuer, language):
    open_office()
    with guards_lifted():
        stretch()
    pages: dict[str, str] = {}
    for role in STAFF:
        client = speaking(someone(role), language)
        known = [each for each in addresses(nobodys=False) if each.name.endswith(PAGES)]
        urls = [each.url for each in known if role == "superuser" or each.name.endswith(LISTS)]
        given = {f"{role}: {url}": html for url, html in answers(client, urls).items()}
        known = {CHANGES.sub("", html) for html in pages.values()}
        pages |= {url: html for url, html in given.items() if CHANGES.sub("", html) not in known}
    assert too_wide(live_server, pages) == ""


def stretch() -> None:
    """Make long words of what people gave."""
    Account.objects.update(certified_name=LONG)
    User.objects.update(username=Concat(F("username"), Value(LONG)))
    Order.objects.update(number=Concat(F("number"), Value("1" * 28)), configuration=LONG, region=LONG)
    Product.objects.update(name=LONG)
    LedgerEntry.objects.update(bank_reference=Concat(F("bank_reference"), Value(LONG)))
    CertificationRequest.objects.update(name=LONG)
    VoidTicket.objects.update(reason=LONG * 3)
    RemittanceAccount.objects.update(bank=LONG, payee=LONG)
