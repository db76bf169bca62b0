"""Many who change one contract at once: their events stand in one line, none lost and none beside another."""

import pytest

from contracts.models import AuditEvent
from contracts.services import edit_remarks, request_void, void_draft
from contracts.trail import chain
from tests.contracts.races.racing import THREADS, racers, refused
from tests.factories import draft, member, official

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
    pytest.mark.rule("R27"),
]
ROUNDS = 10


@pytest.fixture
def race():
    with racers() as race:
        yield race


def line_of(contract) -> list[AuditEvent]:
    """The trail, of which every event is where it says and follows on from the one before."""
    events = list(AuditEvent.objects.filter(contract=contract).order_by("position"))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert [event.previous for event in events] == ["", *(event.hash for event in events[:-1])]
    assert all(event.hash == chain.digest(event, contract.number) for event in events)
    return events


def test_many_edits_of_the_remarks(issuer, race):
    actor = member()
    contract = draft(actor)
    for round_ in range(ROUNDS):
        texts = [f"{round_} {i}" for i in range(THREADS)]
        outcomes = race([lambda text=text: edit_remarks(contract=contract, remarks=text, by=actor) for text in texts])
        assert refused(outcomes) == set()
    assert len(line_of(contract)) == 1 + ROUNDS * THREADS


def test_remarks_tickets_and_voiding(issuer, race):
    actor = member()
    third = THREADS // 3
    for round_ in range(ROUNDS):
        make = official if round_ % 2 else draft
        contract = make(actor)
        before = len(line_of(contract))
        calls = [lambda c=contract, i=i: edit_remarks(contract=c, remarks=str(i), by=actor) for i in range(third)]
        calls += [lambda c=contract: request_void(contract=c, reason="renamed", by=actor)] * third
        calls += [lambda c=contract: void_draft(contract=c, by=actor)] * third
        outcomes = race(calls)
        assert refused(outcomes) <= {"transition_not_allowed", "ticket_already_open"}
        assert len(line_of(contract)) == before + third + 1  # one of the tickets, or one of the voidings
