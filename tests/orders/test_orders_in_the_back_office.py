"""Staff read the orders of all accounts: found at once, shown as they stand now, and changed by nobody."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests import factories
from tests.orders.test_opening_products import client_of, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ORDERS = "/admin/orders/order"


@pytest.fixture
def client():
    return client_of(staff("Auditor"))


def numbers(client, **asked):
    return [order.number for order in client.get(f"{ORDERS}/", asked).context["cl"].result_list]


def test_newest_first_with_the_amount_in_its_currency(client):
    factories.OrderFactory(number="OLD", ordered_at=timezone.now() - timedelta(days=1))
    factories.OrderFactory(number="NEW", currency="USD", payable_amount=Decimal("1080.50"))
    assert numbers(client) == ["NEW", "OLD"]
    assert '<td class="field-amount">USD 1,080.50</td>' in client.get(f"{ORDERS}/").text


def test_an_order_is_found_by_its_whole_number_and_an_account_by_its_own(client):
    first = factories.OrderFactory(number="FO1")
    factories.OrderFactory(number="FO11", account=first.account)
    factories.OrderFactory(number="FO2")
    assert numbers(client, q="FO1") == ["FO1"]
    assert sorted(numbers(client, q=f" {first.account.number} ")) == ["FO1", "FO11"]
    assert numbers(client, q="FO") == numbers(client, q="nothing") == []


@pytest.mark.rule("R10")
def test_the_status_is_the_one_that_holds_now_whatever_the_clock_did(client):
    week_ago = timezone.now() - timedelta(days=7)
    factories.OrderFactory(number="LAPSED", ordered_at=week_ago)
    factories.OrderFactory(number="UNPAID", ordered_at=week_ago + timedelta(seconds=1))
    factories.PaidOrderFactory(number="PAID")
    refunded = factories.PaidOrderFactory(number="REFUNDED")
    refunded.refund(at=timezone.now())
    refunded.save()
    for status in ("unpaid", "paid", "cancelled", "refunded"):
        assert numbers(client, status=status) == [{"cancelled": "LAPSED"}.get(status, status.upper())]
    assert len(numbers(client, status="odd")) == 4
    lapsed = client.get(f"{ORDERS}/", {"q": "LAPSED"})
    assert '<span class="status status-cancelled">Cancelled</span>' in lapsed.text


def test_statements_do_not_grow_with_the_orders(client, django_assert_max_num_queries):
    factories.OrderFactory.create_batch(60)
    with django_assert_max_num_queries(8):
        client.get(f"{ORDERS}/")


def test_one_order_is_read_in_full(client):
    order = factories.PaidOrderFactory(configuration="<b>4 vCPU</b>", payable_amount=Decimal("1080.50"))
    page = client.get(f"{ORDERS}/{order.pk}/change/")
    assert "CNY 1,080.50" in page.text
    assert "CNY 1,200.00" in page.text
    assert "&lt;b&gt;4 vCPU&lt;/b&gt;" in page.text
    assert "<input" not in page.text[page.text.index('id="order_form"') :].replace('<input type="hidden"', "")


def test_it_is_changed_by_nobody():
    order = factories.OrderFactory()
    client = client_of(staff(is_superuser=True))
    for name in ("change", "delete"):
        data = {"configuration": "other", "post": "yes", "_save": "Save"}
        assert client.post(f"{ORDERS}/{order.pk}/{name}/", data).status_code == 403
    assert client.post(f"{ORDERS}/add/", {}).status_code == 403
