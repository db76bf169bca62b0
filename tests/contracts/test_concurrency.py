"""Two people at once: the database decides, one wins, and the others are told why."""

import threading
import uuid

import pytest
from django.db import connections

from common.errors import Refused
from contracts.models import Contract, ContractOrder, Selection
from contracts.services import apply_for_contract, convert_to_official, selections, void_draft
from tests.factories import MembershipFactory, PaidOrderFactory, draft, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
THREADS = 24


def at_once(calls):
    """Run the calls in a thread each, started together; their outcomes: a result, or the exception."""
    start = threading.Barrier(len(calls))
    outcomes = [None] * len(calls)

    def run(i, call):
        start.wait()
        try:
            outcomes[i] = call()
        except Exception as error:  # every outcome is looked at by the test
            outcomes[i] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i, call)) for i, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.rule("R7")
def test_24_applications_for_the_same_two_orders_in_both_orders_make_one_contract(issuer):
    actor = member()
    numbers = [PaidOrderFactory(account=actor.account).number for _ in range(2)]

    def apply(chosen):
        return lambda: apply_for_contract(type="order", order_numbers=chosen, by=actor)

    outcomes = at_once([apply(numbers if i % 2 else numbers[::-1]) for i in range(THREADS)])
    won = [outcome for outcome in outcomes if isinstance(outcome, Contract)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert (len(won), len(lost)) == (1, THREADS - 1), outcomes
    assert {error.code for error in lost} == {"order_in_live_contract"}
    assert ContractOrder.objects.filter(released_at=None).count() == 2


@pytest.mark.rule("R14")
def test_boxes_checked_on_two_pages_of_a_new_selection_are_all_kept(issuer):
    membership = MembershipFactory()
    for _ in range(10):
        numbers = [PaidOrderFactory(account=membership.account).number for _ in range(4)]
        id_ = str(uuid.uuid4())
        chosen = [selections.get_or_new_selection(membership, "order", id_) for _ in numbers]
        picked = zip(chosen, numbers, strict=True)
        outcomes = at_once([lambda s=s, n=n: selections.save_picks(s, shown=[n], checked=[n]) for s, n in picked])
        assert outcomes == [[]] * 4
        assert sorted(Selection.objects.get(pk=id_).order_numbers) == sorted(numbers)


@pytest.mark.rule("R21")
def test_converting_and_voiding_at_once_leaves_one_of_the_two(issuer):
    actor = member()
    for _ in range(5):
        contract = draft(actor)
        calls = [lambda c=contract: convert_to_official(contract=c, by=actor)] * 4
        calls += [lambda c=contract: void_draft(contract=c, by=actor)] * 4
        outcomes = at_once(calls)
        assert sum(isinstance(outcome, Contract) for outcome in outcomes) == 1, outcomes
        assert all(isinstance(o, Contract) or o.code == "transition_not_allowed" for o in outcomes), outcomes
        contract = Contract.objects.get(pk=contract.pk)
        sealed = contract.documents.filter(kind="official").count()
        held = contract.lines.filter(released_at=None).count()
        assert (contract.status, sealed, held) in {("official", 1, 1), ("voided", 0, 0)}
