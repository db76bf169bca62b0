"""Pages of a list, forward and back, hold every row once, whatever instants the rows share."""

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access.actors import actor_of
from contracts.models import VoidTicket
from contracts.services import reject_void, request_void
from orders.models import Order
from tests.api.conformance import problem
from tests.factories import OrderFactory, ProductFactory, draft, official, staff
from webhooks import endpoints
from webhooks.models import WebhookDelivery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
NOON = datetime.fromisoformat("2026-11-22T12:00:00+08:00")


def walk(api, address: str, way: str = "next") -> list[list[str]]:
    """The numbers of each page from `address` on."""
    pages = []
    while address:
        answer = api.client.get(address)
        assert answer.status_code == 200, answer.content
        pages.append([row.get("number") or row["id"] for row in answer.json()["results"]])
        address = answer.json()[way]
        assert len(pages) < 500, "the pages do not end"
    return pages


def last_address(api, address: str) -> str:
    while following := api.client.get(address).json()["next"]:
        address = following
    return address


def make_orders(account, instants: list[datetime]) -> None:
    product = ProductFactory()
    first = OrderFactory.build(account=account, product=product)
    orders = [
        Order(
            **{
                name: getattr(first, name)
                for name in ("account", "product", "kind", "quantity", "currency", "list_amount", "payable_amount")
            },
            number=f"FO{i:06}",
            ordered_at=at,
            payment_deadline=at + timedelta(days=7),
        )
        for i, at in enumerate(instants)
    ]
    Order.objects.bulk_create(orders)


def expected() -> list[str]:
    return list(Order.objects.order_by("-ordered_at", "-pk").values_list("number", flat=True))


@pytest.mark.parametrize(("count", "size"), [(120, 50), (1201, 200), (100, 50)])
def test_orders_of_one_instant_are_all_listed(api, membership, count, size):
    make_orders(membership.account, [NOON] * count)
    pages = walk(api, f"/api/v1/orders/?page_size={size}")
    assert [number for page in pages for number in page] == expected()
    assert len(pages) == -(-count // size)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 3), min_size=1, max_size=12), size=st.integers(1, 5))
def test_pages_forward_and_back_hold_every_row_once(api, membership, minutes, size):
    Order.objects.all().delete()
    make_orders(membership.account, [NOON - timedelta(minutes=minute) for minute in minutes])
    address = f"/api/v1/orders/?page_size={size}"
    forward = walk(api, address)
    assert [number for page in forward for number in page] == expected()
    assert all(len(page) == size for page in forward[:-1])
    back = walk(api, last_address(api, address), "previous")
    assert [number for page in reversed(back) for number in page] == expected()


def test_rows_that_are_added_or_removed_meanwhile_shift_nothing(api, membership):
    make_orders(membership.account, [NOON] * 6)
    whole = expected()
    first = api.get("orders/", {"page_size": 2}).json()
    assert [row["number"] for row in first["results"]] == whole[:2]
    OrderFactory(account=membership.account, number="NEW", ordered_at=NOON + timedelta(minutes=1))
    Order.objects.filter(number=whole[1]).delete()  # the very row that the page ended with
    second = api.client.get(first["next"]).json()
    assert [row["number"] for row in second["results"]] == whole[2:4]
    before = api.client.get(second["previous"]).json()
    assert [row["number"] for row in before["results"]] == ["NEW", whole[0]]


def test_every_list_pages_through_rows_of_one_instant(api, membership, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    actor = actor_of(membership, "api")
    endpoint, *_ = [endpoints.create_endpoint(url=f"https://127.0.0.1:9/{i}", by=actor) for i in range(3)]
    for _ in range(3):
        draft(actor)
    for path in ("contracts/", "webhooks/", f"webhooks/{endpoint.pk}/deliveries/", "orders/?eligible_for=order"):
        address = f"/api/v1/{path}{'&' if '?' in path else '?'}page_size=1"
        pages = walk(api, address)
        assert len(pages) == 3, path
        assert len({page[0] for page in pages}) == 3, path
        assert walk(api, last_address(api, address), "previous") == pages[::-1], path
    assert WebhookDelivery.objects.filter(endpoint=endpoint).count() == 3


def test_void_tickets_are_a_list_whose_pages_are_linked(api, membership):
    contract = official(actor_of(membership, "api"))
    for _ in range(3):
        ticket = request_void(contract=contract, reason="wrong", by=actor_of(membership, "api"))
        reject_void(ticket=ticket, note="right", by=staff())
    assert len(set(VoidTicket.objects.values_list("opened_at"))) == 1
    path = f"/api/v1/contracts/{contract.number}/void-tickets/"
    assert [row["id"] for row in api.client.get(path).json()] == list(VoidTicket.objects.values_list("pk", flat=True))
    seen, address = [], f"{path}?page_size=1"
    while address:
        answer = api.client.get(address)
        seen += [row["id"] for row in answer.json()]
        links = dict(re.findall(r'<([^>]+)>; rel="(\w+)"', answer["Link"]))
        address = next((link for link, name in links.items() if name == "next"), None)
    assert seen == list(VoidTicket.objects.values_list("pk", flat=True))
    problem(api.client.get(f"{path}?page_size=0"), 400, "invalid")


@pytest.mark.parametrize(
    "cursor",
    ["cD0yMDI2LTExLTIy", "WyI-Iiwi", "WyI-IiwxLDJd", "WyI-IiwiMjAyNi0xMS0yMiIsIjEiXQ", "W10", "ée", "9" * 3000],
)
def test_a_cursor_that_no_page_had(api, cursor):
    problem(api.get("orders/", {"cursor": cursor}), 404, "not_found")


def test_a_cursor_of_another_list(api, membership):
    make_orders(membership.account, [NOON] * 2)
    cursor = api.get("orders/", {"page_size": 1}).json()["next"].split("cursor=")[1].split("&")[0]
    assert api.get("contracts/", {"cursor": cursor}).json()["results"] == []
