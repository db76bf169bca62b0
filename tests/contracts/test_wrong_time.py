"""A clock that is wrong cancels, ends, deletes and seals nothing, and says so."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiToken
from common.errors import Refused
from contracts import tasks
from contracts.health.seal_check import is_due
from contracts.models import AuditEvent, Contract, SealCheck, TrailSeal
from contracts.services import apply_for_contract, approve_void, convert_to_official, request_void
from emails.tasks import send_notices
from jobs import trusted_time
from jobs.models import ClockRun
from jobs.trusted_time import MAX_CLOCK_DIFFERENCE
from orders.models import Order
from tests.contracts.back_office.legal import member_of, text_of
from tests.factories import draft, member, official, staff
from webhooks.tasks import delete_old_webhooks, send_webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R20")]
TEN_DAYS = timedelta(days=10)


@pytest.fixture
def actor(issuer, clock):
    return member()


@pytest.fixture
def database_behind(monkeypatch):
    """Set how far this machine's clock is ahead of the database's."""

    def set_(difference: timedelta) -> None:
        monkeypatch.setattr(trusted_time, "database_now", lambda: timezone.now() - difference)

    return set_


@pytest.fixture
def kernel(monkeypatch):
    """The kernel counts only what the test says, whatever the clock is set to."""
    counted = [1000.0]
    monkeypatch.setattr(trusted_time, "uptime", lambda: counted[0])
    monkeypatch.setattr(trusted_time, "boot_id", lambda: "boot 1")
    return counted


@pytest.fixture
def due_in_a_week(actor):
    """A payment request that the clock is to end in seven days."""
    return draft(actor, type="payment_request")


def statuses() -> tuple[set[str], set[str]]:
    return set(Contract.objects.values_list("status", flat=True)), set(Order.objects.values_list("status", flat=True))


def test_a_worker_ahead_of_the_database_does_nothing_and_says_so(
    due_in_a_week, actor, clock, database_behind, client, caplog
):
    ApiToken.objects.all().delete()
    clock.shift(TEN_DAYS)
    database_behind(TEN_DAYS)
    assert tasks.settle_due() is None
    assert {task() for task in (tasks.forget, delete_old_webhooks, send_notices, send_webhooks)} == {None}
    tasks.seal_audit_trail()
    assert statuses() == ({"draft"}, {"unpaid"})
    assert not TrailSeal.objects.exists()
    assert "settle_due was not run because the time may be wrong" in caplog.text
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["clock"]) == (503, "failed")
    with pytest.raises(CommandError, match="Nothing was done"):
        call_command("expire_contracts")


def test_a_refusal_of_another_host_is_seen_here(due_in_a_week, clock, database_behind, client):
    tasks.settle_due()
    clock.shift(TEN_DAYS)
    database_behind(TEN_DAYS)
    tasks.settle_due()
    clock.shift(-TEN_DAYS)  # this host's clock is right
    database_behind(timedelta(0))
    assert client.get("/readyz").json()["clock"] == "failed"
    finance = member_of("Finance")
    assert "system time may be wrong" in text_of(finance.get("/admin/"))
    clock.shift(timedelta(minutes=6))
    tasks.settle_due()
    from config.health import READINESS

    READINESS.forget()
    assert client.get("/readyz").json()["clock"] == "ok"


@pytest.mark.parametrize("difference", [MAX_CLOCK_DIFFERENCE, -MAX_CLOCK_DIFFERENCE])
def test_a_minute_is_tolerated_and_due_is_what_is_due_by_the_database(
    due_in_a_week, clock, database_behind, difference
):
    clock.move_to(due_in_a_week.expires_at + difference - timedelta(seconds=1))
    database_behind(difference)
    assert tasks.settle_due() == {"contracts": 0, "orders": 0, "reminders": 1}
    clock.shift(timedelta(seconds=1))
    assert tasks.settle_due()["contracts"] == 1


def test_a_leap_since_the_last_run_is_refused_until_somebody_accepts_it(due_in_a_week, clock, kernel, client, caplog):
    tasks.settle_due()
    clock.shift(TEN_DAYS)
    kernel[0] += 45
    assert tasks.settle_due() is None
    assert "The clock jumped" in caplog.text
    assert statuses() == ({"draft"}, {"unpaid"})
    assert client.get("/readyz").json()["clock"] == "failed"
    call_command("accept_time")
    assert tasks.settle_due()["contracts"] == 1


def test_a_leap_that_is_taken_back_is_forgotten(due_in_a_week, clock, kernel):
    tasks.settle_due()
    clock.shift(TEN_DAYS)
    kernel[0] += 45
    tasks.settle_due()
    clock.shift(-TEN_DAYS + timedelta(seconds=60))
    kernel[0] += 15
    assert tasks.settle_due() == {"contracts": 0, "orders": 0, "reminders": 0}


def test_time_that_went_back_is_refused(due_in_a_week, clock):
    tasks.settle_due()
    clock.shift(-timedelta(hours=1))
    assert tasks.settle_due() is None


@pytest.mark.parametrize("boot", ["boot 1", "boot 2"])
def test_an_outage_is_no_leap(due_in_a_week, clock, kernel, monkeypatch, boot):
    """The machine ran on, or was started again: what came due meanwhile is done."""
    tasks.settle_due()
    clock.shift(TEN_DAYS)
    kernel[0] = kernel[0] + TEN_DAYS.total_seconds() if boot == "boot 1" else 30.0
    monkeypatch.setattr(trusted_time, "boot_id", lambda: boot)
    assert tasks.settle_due()["contracts"] == 1


def test_applying_on_a_host_that_is_ahead_ends_no_contract(actor, due_in_a_week, clock, database_behind):
    order = due_in_a_week.lines.get().order
    order.pay(at=timezone.now())
    order.save()
    clock.shift(TEN_DAYS)
    database_behind(TEN_DAYS)
    with pytest.raises(Refused) as refused:
        apply_for_contract(type="order", order_numbers=[order.number], by=actor)
    assert refused.value.code == "order_in_live_contract"
    assert statuses()[0] == {"draft"}


@pytest.mark.parametrize("hours", [-24, 24])
def test_nothing_is_sealed_while_the_clock_differs_from_the_databases(actor, clock, database_behind, hours):
    contract, sealed = draft(actor), official(actor)
    ticket = request_void(contract=sealed, reason="wrong", by=actor)
    clock.shift(timedelta(hours=hours))
    database_behind(timedelta(hours=hours))
    for service in (
        lambda: convert_to_official(contract=contract, by=actor),
        lambda: approve_void(ticket=ticket, by=staff(), note="seen"),
    ):
        with pytest.raises(Refused) as refused:
            service()
        assert refused.value.code == "seal_unavailable"
    assert statuses()[0] == {"draft", "official"}


@pytest.mark.parametrize("recorded", ["event", "run"])
def test_nothing_is_sealed_while_the_clock_is_behind_what_was_recorded(actor, clock, recorded, caplog):
    contract = draft(actor)
    if recorded == "run":
        AuditEvent.objects.none()
        clock.shift(timedelta(days=1))
        tasks.settle_due()
        clock.shift(-timedelta(days=1))
    else:
        clock.shift(-timedelta(days=1))
    with pytest.raises(Refused) as refused:
        convert_to_official(contract=contract, by=actor)
    assert (refused.value.code, refused.value.status) == ("seal_unavailable", 503)
    assert "set the clock" in caplog.text
    assert Contract.objects.get(pk=contract.pk).status == "draft"
    clock.shift(timedelta(days=1))
    assert convert_to_official(contract=contract, by=actor).status == "official"


def test_a_seal_check_of_a_clock_that_was_ahead_is_repeated(actor):
    SealCheck.objects.create(id=1, checked_at=timezone.now() + TEN_DAYS, broken=[], warnings=[], expires_at=None)
    assert is_due(now=timezone.now())


@pytest.mark.postgresql
def test_the_databases_own_clock_is_asked(issuer, monkeypatch):
    """With the real functions: this process is ten days ahead, and PostgreSQL is not."""
    monkeypatch.undo()
    contract = draft(member(), type="payment_request")
    with time_machine.travel(timezone.now() + TEN_DAYS):
        assert tasks.settle_due() is None
    assert statuses() == ({"draft"}, {"unpaid"})
    assert tasks.settle_due() == {"contracts": 0, "orders": 0, "reminders": 0}
    assert ClockRun.objects.get().refused_because.startswith("This machine's clock is at ")
    Contract.objects.update(expires_at=timezone.now())
    assert tasks.settle_due()["contracts"] == 1
    assert contract.pk
