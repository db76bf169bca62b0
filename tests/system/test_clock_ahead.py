"""A worker's clock is ten days ahead: it ends and cancels nothing, and an operator sees why. A sound one goes on."""

import pytest
from django.test import Client

from contracts.models import Contract
from jobs.models import ClockRun
from orders.models import Order
from tests.factories import draft, member
from tests.system import servers
from tests.system.processes import say, wait_for
from tests.system.surroundings import as_the_clock_does, its_time_comes

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("broker"),
    pytest.mark.rule("R20"),
]


def test_it_does_nothing_and_says_so(issuer, environment, monkeypatch):
    monkeypatch.undo()  # the database's own clock, in this process too
    actor = member()
    contracts = [draft(actor, type="payment_request") for _ in range(20)]
    with servers.worker(environment, app="tests.system.clock_ahead") as ahead:
        wait_for("the worker refuses", lambda: ahead.said("settle_due was not run because the time may be wrong"))
        as_the_clock_does("contracts.tasks.forget", environment)
        wait_for("it forgets nothing either", lambda: ahead.said("forget was not run"))
        ready = Client().get("/readyz")
    assert set(Contract.objects.values_list("status", flat=True)) == {"draft"}
    assert set(Order.objects.values_list("status", flat=True)) == {"unpaid"}
    assert (ready.status_code, ready.json()["clock"]) == (503, "failed")
    say(f"refused: {ClockRun.objects.get().refused_because}")

    its_time_comes(contracts[0])
    with servers.worker(environment):
        wait_for("the due one is ended", lambda: Contract.objects.filter(status="invalid").count() == 1)
    assert Order.objects.filter(status="cancelled").count() == 0
