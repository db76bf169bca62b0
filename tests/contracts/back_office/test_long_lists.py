"""Lists open as fast over many rows as over few: the same statements, none that reads or counts all there is.

That PostgreSQL takes the indexes is held where the rows are many, by `python -m benchmarks.back_office`.
"""

import re

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.admin.base import MAX_COUNTED_ROWS, CappedPaginator
from accounts.models import CertificationRequest
from billing.models import LedgerEntry
from contracts import services
from contracts.models import AuditEvent
from orders.models import Order
from tests import factories
from tests.contracts.back_office.legal import superuser
from tests.webhooks.receiving import due, endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
MOST_TO_LIST = 9
"""Session and user, what the filter and the search look up, the count, the ids of the page, its rows, their files."""
COUNT = re.compile(r"^SELECT COUNT\(")
LISTS = [
    *("contracts/contract/", "contracts/contract/?status=official", "contracts/contract/?status=invalid"),
    *("contracts/contract/?type__exact=order", "contracts/contract/?attention=flagged"),
    *("contracts/contract/?attention=ending", "contracts/contract/?q={account}", "contracts/contract/?q={order}"),
    *("contracts/voidticket/", "contracts/voidticket/?status=all", "contracts/voidticket/?status=rejected"),
    *("contracts/voidticket/?status=lapsed", "contracts/voidticket/?q={account}&status=all"),
    *("orders/order/", "orders/order/?status=paid", "orders/order/?status=cancelled", "orders/order/?q={account}"),
    *("billing/ledgerentry/", "billing/ledgerentry/?kind=remittance", "billing/ledgerentry/?q={account}"),
    *("accounts/certificationrequest/", "accounts/certificationrequest/?status=all"),
    *("contracts/auditevent/", "contracts/auditevent/?kind__exact=drafted", "contracts/auditevent/?source=page"),
    *("contracts/contractdocument/", "contracts/contractdocument/?kind__exact=draft", "emails/notice/"),
    *("webhooks/webhookdelivery/", "webhooks/webhookdelivery/?q={account}", "webhooks/webhookendpoint/?q={account}"),
    *("contracts/batch/", "contracts/batch/?q={account}"),
    *("contracts/contract/?since=2026-01-01&until=2026-12-31", "orders/order/?since=2026-01-01&status=paid"),
    *("emails/notice/?q={account}", "accounts/account/", "accounts/account/?q={account}", "billing/remittanceaccount/"),
]
SORTED_BY = {
    "contracts/contract": {"applied_at"},
    "contracts/voidticket": {"opened_at"},
    "contracts/auditevent": set(),
    "contracts/contractdocument": set(),
    "orders/order": {"ordered_at"},
    "billing/ledgerentry": set(),
    "emails/notice": set(),
    "webhooks/webhookdelivery": set(),
    "webhooks/webhookendpoint": set(),
}
"""The columns that an index has in order."""


@pytest.fixture
def actor(membership):
    factories.RemittanceAccountFactory(account=membership.account)
    get_user_model().objects.update(email="finance@customer.example")  # whom emails are written to
    return actor_of(membership, "page")


@pytest.fixture
def finance(actor):
    return superuser()


def one_more_of_each(actor) -> None:
    """Contracts, tickets waiting and decided, files, events, emails, money, and a certification request."""
    now, staff = timezone.now(), factories.staff()
    refunded = factories.official(actor).lines.get().order
    refunded.refund(at=now)
    refunded.save()
    factories.draft(actor, type="payment_request")
    services.reject_void(ticket=asked(actor), by=staff, note="The orders are right")
    asked(actor)
    due(endpoint_of(actor.account))
    LedgerEntry.objects.create(account=actor.account, amount=5, booked_at=now)
    CertificationRequest.objects.create(
        account=factories.AccountFactory(),
        kind="personal",
        name="李雷",
        requested_by_id=actor.user_id,
        requested_at=now,
    )


def asked(actor):
    return services.request_void(contract=factories.official(actor), reason="Wrong orders", by=actor)


def statements(client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/admin/{address}").status_code == 200
    return [query["sql"] for query in captured]


def test_a_list_takes_the_same_few_statements_and_counts_up_to_a_limit(finance, actor, subtests):
    one_more_of_each(actor)
    order = Order.objects.earliest("pk").number
    lists = [address.format(account=actor.account.number, order=order) for address in LISTS]
    few = {address: statements(finance, address) for address in lists}
    for _ in range(2):
        one_more_of_each(actor)
    for address in lists:
        with subtests.test(address):
            many = statements(finance, address)
            assert len(many) == len(few[address]) <= MOST_TO_LIST, "\n".join(sql[:200] for sql in many)
            assert not [sql for sql in many if COUNT.match(sql) and f"LIMIT {MAX_COUNTED_ROWS})" not in sql]
            assert not [sql for sql in many if "DISTINCT" in sql]


def test_a_list_is_sorted_by_what_has_an_index_only(finance, actor, subtests):
    one_more_of_each(actor)
    for path, sorted_by in SORTED_BY.items():
        with subtests.test(path):
            page = finance.get(f"/admin/{path}/").text
            assert re.findall(r'<th scope="col" class="[^"]*column-\w+', page)
            assert set(re.findall(r'class="sortable column-(\w+)', page)) == sorted_by


def test_pages_hold_every_row_once_and_in_order():
    orders = [factories.OrderFactory().pk for _ in range(5)]
    pages = CappedPaginator(Order.objects.select_related("account").order_by("-pk"), 2)
    shown = [[order.pk for order in page.object_list] for page in pages]
    assert shown == [[orders[4], orders[3]], [orders[2], orders[1]], [orders[0]]]


def test_what_a_page_shows_is_asked_of_its_own_rows_alone(django_assert_num_queries):
    """So the last page of a long list is as soon there as its first."""
    for _ in range(3):
        factories.OrderFactory()
    page = CappedPaginator(Order.objects.with_status_at(timezone.now()).order_by("-pk"), 2)
    page.count  # noqa: B018 - counted before, as lists do
    with django_assert_num_queries(2) as captured:
        assert len(page.page(2).object_list) == 1
    ids, rows = (query["sql"] for query in captured)
    assert "CASE" not in ids
    assert "CASE" in rows
    assert "OFFSET" not in rows


def test_a_list_ends_where_counting_ends(monkeypatch):
    monkeypatch.setattr("accounts.admin.base.MAX_COUNTED_ROWS", 3)
    for _ in range(5):
        factories.OrderFactory()
    pages = CappedPaginator(Order.objects.order_by("pk"), 2)
    assert (pages.count, pages.num_pages) == (3, 2)


def test_events_are_filtered_by_where_they_came_from(finance, actor):
    one_more_of_each(actor)
    shown = finance.get("/admin/contracts/auditevent/?source=admin").context["cl"].result_list
    assert {event.kind for event in shown} == {AuditEvent.Kind.TICKET_REJECTED}
