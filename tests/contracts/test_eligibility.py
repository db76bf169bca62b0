"""Which orders the picker shows, when, and why some of them cannot be picked."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from common.days import Interval
from contracts.eligibility import find_order_faults, picker_rows
from contracts.services import void_draft
from contracts.types import ORDER, PAYMENT_REQUEST
from orders.models import Order
from tests.factories import OrderFactory, PaidOrderFactory, ProductFactory, draft, member

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.rule("R9")
@pytest.mark.parametrize(
    ("now", "zone", "month"),
    [
        ("2026-11-30T15:59:59+00:00", "Asia/Shanghai", (date(2026, 11, 1), date(2026, 11, 30))),
        ("2026-11-30T16:00:00+00:00", "Asia/Shanghai", (date(2026, 12, 1), date(2026, 12, 31))),
        ("2026-11-30T16:00:00+00:00", "America/New_York", (date(2026, 11, 1), date(2026, 11, 30))),
        ("2028-02-10T00:00:00+00:00", "Asia/Shanghai", (date(2028, 2, 1), date(2028, 2, 29))),
    ],
)
def test_the_current_month_is_that_of_the_accounts_time_zone(now, zone, month):
    interval = Interval.month_of(datetime.fromisoformat(now), ZoneInfo(zone))
    assert (interval.first, interval.last) == month


@pytest.mark.rule("R9")
@pytest.mark.django_db
def test_both_days_of_an_interval_belong_to_it_whole(clock):
    account = OrderFactory().account
    for at in ("2026-11-09T23:59:59", "2026-11-10T00:00:00", "2026-11-11T23:59:59", "2026-11-12T00:00:00"):
        OrderFactory(account=account, ordered_at=datetime.fromisoformat(at).replace(tzinfo=SHANGHAI), number=at[:16])
    days = Interval(date(2026, 11, 10), date(2026, 11, 11))
    found = Order.objects.filter(days.on("ordered_at", SHANGHAI)).values_list("number", flat=True)
    assert set(found) == {"2026-11-10T00:00", "2026-11-11T23:59"}


@pytest.mark.rule("R8")
@pytest.mark.django_db
def test_barred_orders_are_shown_with_the_reason_and_free_ones_without(issuer):
    actor = member()
    held = Order.objects.get(number=draft(actor).order_numbers[0])
    free = PaidOrderFactory(account=actor.account)
    unsupported = PaidOrderFactory(account=actor.account, product=ProductFactory(supports_contracts=False))
    OrderFactory(account=actor.account)  # unpaid
    PaidOrderFactory()  # somebody else's
    now = timezone.now()
    rows = list(picker_rows(actor.account, ORDER, now=now))
    assert set(rows) == {held, free, unsupported}
    codes = {pk: fault and fault.code for pk, fault in find_order_faults(rows, ORDER, now=now).items()}
    assert codes == {held.pk: "order_in_live_contract", free.pk: None, unsupported.pk: "product_not_supported"}


@pytest.mark.rule("R7")
@pytest.mark.rule("R21")
@pytest.mark.django_db
def test_a_voided_or_lapsed_contract_holds_nothing(issuer, clock):
    actor = member()
    voided = void_draft(contract=draft(actor), by=actor)
    order = Order.objects.get(number=voided.order_numbers[0])
    assert find_order_faults([order], ORDER, now=timezone.now()) == {order.pk: None}

    lapsed = draft(actor, type="payment_request")
    order = Order.objects.get(number=lapsed.order_numbers[0])
    order.pay(at=timezone.now())
    order.save()
    assert find_order_faults([order], ORDER, now=timezone.now())[order.pk].blocked_by == lapsed.number
    clock.move_to(lapsed.expires_at + timedelta(seconds=1))
    assert find_order_faults([order], ORDER, now=timezone.now()) == {order.pk: None}


@pytest.mark.rule("R21")
@pytest.mark.django_db
def test_a_contract_with_a_cancelled_order_holds_the_others_no_more(issuer):
    contract = draft(member(), type="payment_request", count=2)
    cancelled, free = Order.objects.filter(number__in=contract.order_numbers)
    Order.objects.filter(pk=cancelled.pk).update(status="cancelled", cancelled_at=timezone.now())
    assert find_order_faults([free], PAYMENT_REQUEST, now=timezone.now()) == {free.pk: None}


@pytest.mark.rule("R10")
@pytest.mark.django_db
def test_an_unpaid_order_leaves_the_picker_at_its_deadline(clock):
    order = OrderFactory()
    just_before = order.payment_deadline - timedelta(seconds=1)
    assert list(picker_rows(order.account, PAYMENT_REQUEST, now=just_before)) == [order]
    assert list(picker_rows(order.account, PAYMENT_REQUEST, now=order.payment_deadline)) == []
