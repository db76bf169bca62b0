"""The machine kills the background worker twice while it converts 200 contracts. Each is official, and once."""

from collections import Counter

import pytest

from accounts.access.actors import actor_of
from contracts.bulk.batches import create_batch
from contracts.models import AuditEvent, Batch, Contract, SealUse
from tests import factories
from tests.contracts.archive.asking import told
from tests.contracts.races.racing import everything_holds
from tests.system import servers
from tests.system.processes import Process, say, wait_for
from tests.system.surroundings import alive, as_the_clock_does, held_up, no_events_written

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("broker", "own_files"),
]
CONTRACTS = 200


def official() -> int:
    return Contract.objects.filter(status="official").count()


def kill_in_mid_conversion(worker: Process, kill: str) -> int:
    """Once it has converted some, and holds another, sealed, in a transaction. Returns how many are official."""
    before = official()
    wait_for("some are converted", lambda: official() > before + 10)
    with no_events_written():
        in_the_middle = wait_for("a conversion waits to record itself", held_up)
        getattr(worker, kill)()
    wait_for("the database let go of what was killed", lambda: not alive(in_the_middle))
    everything_holds()
    return official()


@pytest.mark.rule("R42")
def test_a_batch_whose_worker_was_killed_twice_converts_each_contract_once(issuer, environment):
    member = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    customer = actor_of(member, "page")
    numbers = [factories.draft(customer).number for _ in range(CONTRACTS)]
    batch = create_batch(action=Batch.Action.CONVERT, numbers=numbers, by=customer)

    with servers.worker(environment) as worker:
        as_the_clock_does("contracts.bulk.batches.run_batches", environment)
        after_child = kill_in_mid_conversion(worker, "kill_children")
        as_the_clock_does("contracts.bulk.batches.run_batches", environment)
        after_all = kill_in_mid_conversion(worker, "kill_all")
    assert 0 < after_child < after_all < CONTRACTS
    with servers.worker(environment):
        as_the_clock_does("contracts.bulk.batches.run_batches", environment)
        wait_for("the batch is finished", lambda: Batch.objects.exclude(finished_at=None).exists())

    assert official() == CONTRACTS
    assert Counter(batch.items.values_list("outcome", flat=True)) == {"done": CONTRACTS}
    assert AuditEvent.objects.filter(kind="converted").count() == CONTRACTS
    uses = Counter(SealUse.objects.filter(purpose="contract").values_list("contract", flat=True))
    assert len(uses) == CONTRACTS
    everything_holds()
    left = [line for line in told()[0] if "documents/" not in line]
    assert left == []  # the kills may each leave a sealed file that nobody received, and it is named
    say(f"official after the kills: {after_child}, {after_all}; seal uses: {uses.total()}")
