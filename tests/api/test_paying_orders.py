"""Orders are paid by program, too: by members from the balance, by integrators who tell of it; members cancel."""

from decimal import Decimal

import pytest
from django.utils import timezone

from billing.models import LedgerEntry
from contracts.models import Contract
from orders.models import Order
from orders.services import cancel_overdue_orders
from tests.api.conformance import problem
from tests.api.test_feeding_orders import put
from tests.conftest import Api
from tests.factories import MembershipFactory, OrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]


@pytest.fixture
def order(membership):
    return OrderFactory(account=membership.account)


@pytest.mark.rule("R33")
def test_an_integrator_tells_of_a_payment(integrator, order):
    answer = integrator.post(f"orders/{order.number}/pay/", {"paid_at": "2026-11-22T11:30:00+08:00"})
    assert answer.status_code == 200, answer.content
    paid = answer.json()
    assert (paid["status"], paid["paid_at"], paid["unpaid_amount"]) == ("paid", "2026-11-22T11:30:00+08:00", "0.00")
    assert not LedgerEntry.objects.exists()
    again = integrator.post(f"orders/{order.number}/pay/", {"paid_at": "2026-11-22T11:30:00+08:00"})
    assert (again.status_code, again.json()) == (200, paid)
    other = integrator.post(f"orders/{order.number}/pay/", {"paid_at": "2026-11-22T11:30:01+08:00"})
    problem(other, 409, "transition_not_allowed")


@pytest.mark.parametrize("paid_at", ["2026-11-22T12:05:01+08:00", "2026-11-22T10:59:59+08:00", None, "yesterday"])
def test_a_payment_is_neither_to_come_nor_before_the_order(integrator, order, paid_at):
    body = problem(integrator.post(f"orders/{order.number}/pay/", {"paid_at": paid_at}), 400, "invalid")
    assert body["errors"][0]["pointer"] == "/paid_at"
    assert Order.objects.get().status == "unpaid"


@pytest.mark.rule("R10")
def test_a_payment_in_time_that_is_told_late_counts_and_a_late_one_does_not(integrator, membership, clock):
    in_time, late = (OrderFactory(account=membership.account) for _ in range(2))
    clock.move_to("2026-12-01T12:00:00+08:00")
    told = integrator.post(f"orders/{in_time.number}/pay/", {"paid_at": "2026-11-29T11:00:00+08:00"})
    assert told.json()["status"] == "paid"
    too_late = integrator.post(f"orders/{late.number}/pay/", {"paid_at": "2026-11-29T11:00:01+08:00"})
    problem(too_late, 409, "payment_deadline_passed")


@pytest.mark.rule("R10")
@pytest.mark.parametrize("swept", [True, False])
def test_an_order_that_was_paid_elsewhere_and_then_cancelled_takes_no_money(integrator, api, order, clock, swept):
    """The order system tells of both at once, after the deadline; whether the clock has cancelled it yet or not."""
    LedgerEntry.objects.create(account=order.account, amount=Decimal("2000.00"), booked_at=order.ordered_at)
    clock.move_to("2026-12-01T12:00:00+08:00")
    if swept:
        assert cancel_overdue_orders(now=timezone.now()) == 1
    path = f"orders/{order.number}/"
    paid = integrator.get(path).json() | {"status": "paid", "paid_at": "2026-11-23T12:00:00+08:00"}
    assert put(integrator, path, paid | {"status": "cancelled"}).json()["paid_at"] == paid["paid_at"]

    problem(api.post(f"{path}pay/"), 409, "transition_not_allowed")
    problem(integrator.post(f"{path}pay/", {"paid_at": paid["paid_at"]}), 409, "transition_not_allowed")
    problem(put(integrator, path, paid), 409, "transition_not_allowed")
    assert api.get("account/").json()["balance"] == "2000.00"


def test_a_member_pays_from_the_balance_what_was_agreed(api, order):
    LedgerEntry.objects.create(
        account=order.account, amount=Decimal("2000.00"), booked_at=order.ordered_at, order_number=""
    )
    problem(api.post(f"orders/{order.number}/pay/", {"amount": "1000.00"}), 409, "order_changed")
    assert api.post(f"orders/{order.number}/pay/", {"amount": "1080.50"}).json()["status"] == "paid"
    assert api.get("account/").json()["balance"] == "919.50"


def test_a_balance_that_does_not_suffice_pays_nothing(api, order):
    problem(api.post(f"orders/{order.number}/pay/"), 409, "insufficient_balance")


@pytest.mark.rule("R20")
def test_cancelling_ends_the_payment_request_that_holds_the_order(api, order):
    number = api.apply("payment_request", order).json()["number"]
    assert api.post(f"orders/{order.number}/cancel/").json()["status"] == "cancelled"
    assert api.get(f"contracts/{number}/").json()["status"] == Contract.Status.INVALID


@pytest.mark.rule("R26")
def test_others_neither_pay_nor_cancel(order):
    stranger, viewer = Api(MembershipFactory()), Api(MembershipFactory(account=order.account, role="viewer"))
    for action in ("pay", "cancel"):
        problem(stranger.post(f"orders/{order.number}/{action}/"), 404, "not_found")
        problem(viewer.post(f"orders/{order.number}/{action}/"), 403, "permission_denied")
        problem(Api().post(f"orders/{order.number}/{action}/"), 401, "not_authenticated")
