"""What people do every month takes at most five clicks, counted in a real browser after signing in."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from accounts.access.actors import actor_of
from contracts.models import Contract, Selection
from tests import factories
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]
MOST_CLICKS = 5


class Person:
    """At the browser; each click counts, what is typed does not."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, place: Locator) -> None:
        self.clicks += 1
        place.click()

    def save(self, place: Locator) -> Path:
        with self.page.expect_download() as saved:
            self.click(place)
        return saved.value.path()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True).first


@pytest.fixture
def customer(issuer):
    """`demo`, with three contracts; `finance` is at work."""
    account = factories.PartyProfileFactory(account__certified_name="Harbour Logistics Co., Ltd.").account
    membership = factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo"))
    factories.UserFactory(username="finance", is_staff=True, is_superuser=True)
    actor = actor_of(membership, "page")
    for _ in range(3):
        factories.official(actor)
    return actor


@pytest.fixture
def person(customer, live_server, monkeypatch) -> Iterator[Person]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, "wide") as page:
        person = Person(page)
        yield person
        assert 0 < person.clicks <= MOST_CLICKS


def begin(person: Person, username: str, address: str) -> None:
    person.page.goto(address)
    sign_in(person.page, username)


def test_finding_a_contract_of_five_months_ago(customer, person):
    contract = Contract.objects.first()
    ago = timezone.now() - timedelta(days=150)
    Contract.objects.filter(pk=contract.pk).update(applied_at=ago, official_at=ago, valid_from=ago)
    begin(person, "demo", "/contracts/")
    expect(person.page.locator("tbody tr[role=row]")).to_have_count(2)
    person.page.locator("[name=q]").fill(contract.number)
    person.click(person.button("Search"))
    person.click(person.link(contract.number))
    expect(person.page.get_by_role("heading", name=contract.number)).to_be_visible()


def test_all_contracts_as_a_spreadsheet(customer, person):
    begin(person, "demo", "/contracts/")
    file = person.save(person.button("Export"))
    sheet = load_workbook(BytesIO(file.read_bytes())).worksheets[0]
    assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} >= set(
        Contract.objects.values_list("number", flat=True)
    )


def test_all_contracts_of_one_customer(customer, person):
    begin(person, "finance", "/admin/")
    person.click(person.link("Accounts"))
    person.page.locator("#searchbar").fill("harbour")
    person.page.press("#searchbar", "Enter")
    person.click(person.page.locator("#result_list tbody a").first)
    person.click(person.link("All 3"))
    expect(person.page.locator("#result_list tbody tr")).to_have_count(3)


def test_the_report_of_the_month(customer, person):
    begin(person, "finance", "/admin/")
    person.click(person.page.get_by_role("link", name=re.compile("Month close")).first)
    file = person.save(person.link("Export"))
    assert load_workbook(BytesIO(file.read_bytes())).sheetnames


@pytest.mark.rule("R1")
def test_trimming_230_orders_to_the_200_that_a_contract_may_include(customer, person):
    product = factories.ProductFactory()
    factories.PaidOrderFactory.create_batch(230, account=customer.account, product=product)
    begin(person, "demo", "/contracts/apply/order/")
    person.click(person.button("Select the first 200 of 230 results"))
    person.click(person.button("Next"))
    expect(person.button("Generate Draft Contract")).to_be_visible()
    assert len(Selection.objects.get().order_numbers) == 200
