"""Enough rows in sight: tables from 700 pixels on, their head in sight, and columns as wide as what they hold."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from contracts.models import Selection
from tests import factories
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]
ROWS_IN_SIGHT = """
() => {
  const foot = document.querySelector(".picker-foot").getBoundingClientRect().top;
  return [...document.querySelectorAll("tbody tr")].filter((row) => row.getBoundingClientRect().bottom <= foot).length;
}
"""


@pytest.fixture
def paid(issuer):
    """230 orders of the account, more than a contract may hold, and one whose product has no contracts."""
    account = factories.PartyProfileFactory().account
    factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo"))
    product = factories.ProductFactory(name="云数据库 RDS for MySQL")
    given = {"account": account, "paid_at": timezone.now(), "product": product}
    orders = factories.PaidOrderFactory.create_batch(230, **given)
    given["product"] = factories.ProductFactory(supports_contracts=False)
    return [*orders, factories.PaidOrderFactory(**given)]


@pytest.fixture
def picker(paid, live_server, monkeypatch) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, "wide", policy=False) as page:
        page.goto("/contracts/apply/order/")
        sign_in(page)
        yield page


@pytest.mark.parametrize(("width", "height", "rows"), [(1440, 900, 12), (1024, 768, 6), (1024, 900, 8)])
def test_as_many_orders_in_sight_as_a_table_shows(picker, width, height, rows):
    picker.set_viewport_size({"width": width, "height": height})
    assert picker.evaluate(ROWS_IN_SIGHT) >= rows


def test_the_head_of_the_table_stays_in_sight(picker):
    picker.mouse.wheel(0, 1500)
    expect(picker.get_by_role("columnheader", name="Amount paid")).to_be_in_viewport()


def test_the_reason_names_the_product_or_contract_and_not_the_order_again(picker, paid):
    barred = picker.locator("tr.row-barred")
    expect(barred).to_contain_text("does not support electronic contracts")
    assert barred.inner_text().count(paid[-1].number) == 1


def test_too_many_orders_are_cut_or_cleared_with_one_button(picker, paid):
    selection = Selection.objects.create(
        account=paid[0].account,
        user_id=paid[0].account.memberships.get().user_id,
        type="order",
        order_numbers=[order.number for order in paid[:230]],
    )
    picker.goto(f"/contracts/apply/order/?selection={selection.pk}")
    expect(picker.locator("[data-picked-count]")).to_have_text("230")
    picker.get_by_role("button", name="Keep the first 200").click()
    expect(picker.locator("[data-picked-count]")).to_have_text("200")
    picker.get_by_role("button", name="Clear all").click()
    expect(picker.locator("[data-picked-count]")).to_have_text("0")
