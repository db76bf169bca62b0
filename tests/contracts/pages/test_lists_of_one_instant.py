"""Rows of one instant have one order, so that the numbered pages of a list hold each of them once."""

import re
from datetime import datetime

import pytest

from contracts.eligibility import picker_rows
from contracts.types import TYPES, ContractType
from orders.models import Order
from tests.api.test_pages_of_lists import make_orders
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NOON = datetime.fromisoformat("2026-11-22T12:00:00+08:00")


@pytest.mark.parametrize("address", ["/orders/?page=", "/admin/orders/order/?p="])
def test_pages_hold_every_order_once(client, membership, address):
    make_orders(membership.account, [NOON] * 120)
    staff = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(staff if "admin" in address else membership.user)
    listed = []
    for number in (1, 2, 3):
        page = client.get(f"{address}{number}").text
        listed += dict.fromkeys(re.findall(r"FO\d{6}\b", page))
    assert listed == list(Order.objects.order_by("-ordered_at", "-pk").values_list("number", flat=True))


@pytest.mark.parametrize("type_", TYPES.values(), ids=str)
def test_the_picker_orders_rows_of_one_instant_by_id(type_: ContractType):
    assert picker_rows(None, type_, now=NOON).query.order_by[-1] == "-pk"
