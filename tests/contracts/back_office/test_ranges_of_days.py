"""Lists are filtered by a range of days in the office's time zone."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from billing.models import LedgerEntry
from contracts import services
from contracts.models import Contract, VoidTicket
from orders.models import Order
from tests import factories
from tests.contracts.back_office.legal import superuser, text_of
from tests.contracts.back_office.marks import Marks
from tests.webhooks.receiving import due, endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
LISTS = {
    "contracts/contract": "application time",
    "contracts/voidticket": "request time",
    "orders/order": "order time",
    "billing/ledgerentry": "booking time",
    "accounts/certificationrequest": "request time",
    "webhooks/webhookdelivery": "creation time",
}


def listed(path: str, **query: str) -> list[int]:
    return [row.pk for row in superuser().get(f"/admin/{path}/", query).context["cl"].result_list]


def order_at(*at: int) -> int:
    return factories.OrderFactory(ordered_at=datetime(*at, tzinfo=UTC)).pk


def test_days_are_inclusive_and_begin_at_midnight_of_the_office():
    """The office is in Asia/Shanghai, eight hours ahead of UTC."""
    before = order_at(2026, 11, 9, 15, 59, 59)
    first = order_at(2026, 11, 9, 16)
    last = order_at(2026, 11, 10, 15, 59, 59)
    after = order_at(2026, 11, 10, 16)
    assert set(listed("orders/order", since="2026-11-10", until="2026-11-10")) == {first, last}
    assert set(listed("orders/order", since="2026-11-10")) == {first, last, after}
    assert set(listed("orders/order", until="2026-11-10")) == {before, first, last}
    assert set(listed("orders/order", since="", until="")) == {before, first, last, after}


def test_the_lists_of_business_records_have_it(membership, subtests):
    actor = actor_of(membership, "page")
    services.request_void(contract=factories.official(actor), reason="Twice", by=actor)
    LedgerEntry.objects.create(account=actor.account, amount=5, booked_at=timezone.now())
    due(endpoint_of(actor.account))
    today = timezone.localdate().isoformat()
    for path, title in LISTS.items():
        with subtests.test(path):
            assert f"By {title}" in superuser().get(f"/admin/{path}/").text
            if path != "accounts/certificationrequest":
                assert len(listed(path, since=today)) == 1
            assert listed(path, until="2026-01-01") == []


def test_it_adds_to_the_other_filters_and_to_the_search(membership):
    actor = actor_of(membership, "page")
    draft, official = factories.draft(actor), factories.official(actor)
    today = timezone.localdate().isoformat()
    assert listed("contracts/contract", since=today, status="draft") == [draft.pk]
    assert listed("contracts/contract", since=today, q=official.number) == [official.pk]
    assert Contract.objects.count() == 2
    assert VoidTicket.objects.count() == 0


def test_the_form_keeps_what_else_the_list_is_filtered_by():
    page = superuser().get("/admin/contracts/contract/?status=draft&q=EC1&o=-6&p=3")
    [form] = [form for form in Marks(page.text).forms if "since" in form.fields]
    assert form.method == "get"
    assert form.fields == {"status": ["draft"], "q": ["EC1"], "o": ["-6"], "since": [""], "until": [""]}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "2026-13-01"}, "From: Enter a valid date."),
        ({"until": "tomorrow"}, "To: Enter a valid date."),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "To: The last day is before the first."),
    ],
)
def test_a_wrong_day_is_explained_and_nothing_is_listed(query, said):
    factories.OrderFactory()
    page = superuser().get("/admin/orders/order/", query)
    assert page.status_code == 200
    assert said in text_of(page)
    assert list(page.context["cl"].result_list) == []
    assert query.get("since", "") in page.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_ends_of_time_do_no_harm(day):
    factories.OrderFactory()
    for name in ("since", "until"):
        assert superuser().get("/admin/orders/order/", {name: day}).status_code == 200
    assert Order.objects.exists()
