"""The machine kills the background worker at the worst moment. My contracts still end, and I am told of each once."""

from collections import Counter

import pytest

from contracts.models import AuditEvent, Contract, ContractOrder
from emails.models import Notice
from tests.contracts.races.racing import everything_holds
from tests.system import servers
from tests.system.crowds import ACTING, ORDERS, due_contracts
from tests.system.processes import Process, say, wait_for
from tests.system.surroundings import alive, as_the_clock_does, held_up, no_events_written

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("broker"),
]
CONTRACTS = 3000
BATCH = 500


def ended() -> int:
    return Contract.objects.filter(status="invalid").count()


def kill_in_mid_sweep(worker: Process, kill: str) -> int:
    """Once it has ended a batch, and has half of another in a transaction. Returns how many are ended."""
    before = ended()
    wait_for("a batch is ended", lambda: ended() > before)
    with no_events_written():
        in_the_middle = wait_for("the sweep is in the middle of a batch", held_up)
        getattr(worker, kill)()
    wait_for("the database let go of what was killed", lambda: not alive(in_the_middle))
    return whole()


def whole() -> int:
    """Every contract is ended with all that belongs to it, or is not touched; returns how many are ended."""
    invalid = set(Contract.objects.filter(status="invalid").values_list("pk", flat=True))
    released = Counter(ContractOrder.objects.exclude(released_at=None).values_list("contract", flat=True))
    events = Counter(AuditEvent.objects.filter(kind="invalidated").values_list("contract", flat=True))
    told = Counter(Notice.objects.filter(kind="contract_invalid").values_list("facts__contract", "user"))
    assert released == dict.fromkeys(invalid, ORDERS)
    assert events == dict.fromkeys(invalid, 1)
    assert set(told.values()) == {1}
    assert len(told) == len(invalid) * ACTING
    return len(invalid)


@pytest.mark.rule("R20")
@pytest.mark.rule("R27")
def test_a_sweep_that_was_killed_again_and_again_ends_every_contract_once(issuer, environment):
    due_contracts(CONTRACTS)
    with servers.worker(environment) as worker:
        after_child = kill_in_mid_sweep(worker, "kill_children")
        assert after_child % BATCH == 0
        as_the_clock_does("contracts.tasks.settle_due", environment)
        after_parent = kill_in_mid_sweep(worker, "kill_parent")
    with servers.worker(environment) as worker:  # which begins by itself with what is due
        after_all = kill_in_mid_sweep(worker, "kill_all")
    assert 0 < after_child < after_parent < after_all < CONTRACTS
    with servers.worker(environment) as worker:
        wait_for("all are ended", lambda: ended() == CONTRACTS)
        as_the_clock_does("contracts.tasks.settle_due", environment)
        wait_for("once more ended nothing", lambda: worker.said("'contracts': 0"))
    assert whole() == CONTRACTS
    everything_holds()
    say(f"{CONTRACTS} due; ended at the three kills: {after_child}, {after_parent}, {after_all}")
