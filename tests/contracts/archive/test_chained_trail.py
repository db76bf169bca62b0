"""Each event holds the hash of the one before it, so that none can be changed, left out or slipped in unseen."""

import hashlib
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access.actors import CLOCK
from contracts.models import AuditEvent, Contract
from contracts.services import approve_void, edit_remarks, invalidate_due, request_void
from contracts.trail import chain
from contracts.trail import record as audit
from tests.factories import draft, official, staff
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27")]
Kind = AuditEvent.Kind


def rows() -> list[dict]:
    """All events as the database gives them, without any model of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event.*, contract.number FROM contracts_auditevent AS event"
            " JOIN contracts_contract AS contract ON contract.id = contract_id ORDER BY contract_id, position"
        )
        names = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def by_hand(row: dict) -> str:
    """The hash of an event as docs/audit-trail.md tells a stranger to compute it."""
    at = row["at"] if isinstance(row["at"], datetime) else datetime.fromisoformat(row["at"])
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    ticket = "null" if row["ticket_id"] is None else row["ticket_id"]
    actor = "null" if row["actor_id"] is None else row["actor_id"]
    data = json.dumps(json.loads(row["data"]), sort_keys=True, separators=(",", ":"))
    told = (
        f'{{"actor":{actor},"at":"{at:%Y-%m-%dT%H:%M:%S.%f}+00:00","contract":"{row["number"]}","data":{data},'
        f'"kind":"{row["kind"]}","position":{row["position"]},"previous":"{row["previous"]}",'
        f'"source":"{row["source"]}","ticket":{ticket}}}'
    )
    return hashlib.sha256(told.encode()).hexdigest()


def test_every_event_follows_on_from_the_one_before(actor):
    contract = official(actor)
    edit_remarks(contract=contract, remarks="for the archive", by=actor)
    ticket = request_void(contract=contract, reason="renamed", by=actor)
    approve_void(ticket=ticket, by=staff())  # two events at once
    draft(actor)
    written = rows()
    assert [row["position"] for row in written] == [1, 2, 3, 4, 5, 6, 1]
    assert [row["previous"] for row in written] == ["", *(row["hash"] for row in written[:5]), ""]
    assert [row["hash"] for row in written] == [by_hand(row) for row in written]


def test_the_form_that_is_hashed_never_changes():
    """Were this vector to change, every trail that exists would be called broken."""
    event = SimpleNamespace(
        position=2,
        previous="ab" * 32,
        kind="voided",
        actor_id=7,
        source="admin",
        at=datetime.fromisoformat("2026-11-22T12:00:00.000500+08:00"),
        ticket_id=None,
        data={"sha256": "cd" * 32, "b": ["云", "\"'\\"], "a": 3},
    )
    assert chain.canonical(event, "EC2345").decode() == (
        '{"actor":7,"at":"2026-11-22T04:00:00.000500+00:00","contract":"EC2345",'
        f'"data":{{"a":3,"b":["云","\\"\'\\\\"],"sha256":"{"cd" * 32}"}},'
        f'"kind":"voided","position":2,"previous":"{"ab" * 32}","source":"admin","ticket":null}}'
    )
    assert chain.digest(event, "EC2345") == "8996e8b4b275de627b7629e6feb073694fc6371da4905ce709c24e67ed422709"


def test_what_is_read_back_has_the_hash_that_was_written(actor):
    """Microseconds, order of keys, numbers and texts come back from either database as they went in."""
    contract = draft(actor)
    at = datetime.fromisoformat("2026-11-22T12:00:00.000001+08:00")
    data = {"z": 1, "a": ["FO1", '云 é " \\ /'], "m": 10**15}
    audit.record([audit.event(contract, Kind.REMARKS_EDITED, by=actor, at=at, **data)])
    event = AuditEvent.objects.get(position=2)
    assert event.hash == chain.digest(event, contract.number)


def test_the_ends_of_many_trails_are_asked_for_at_once(actor):
    def statements(count: int) -> int:
        ids = [draft(actor).pk for _ in range(count)]
        contracts = Contract.objects.in_bulk(ids).values()
        with CaptureQueriesContext(connection) as captured:
            audit.record(audit.event(c, Kind.REMARKS_EDITED, by=actor, at=timezone.now()) for c in contracts)
        return len(captured)

    assert statements(1) == statements(30) == 2


def test_the_first_event_of_a_contract_asks_for_no_trail(actor, monkeypatch):
    contract = draft(actor)
    monkeypatch.setattr(AuditEvent.objects, "bulk_create", lambda events: None)
    monkeypatch.setattr("contracts.notifications.webhooks.publish_audit_events", lambda events: None)
    with CaptureQueriesContext(connection) as captured:
        audit.record([audit.event(contract, Kind.DRAFTED, by=actor, at=timezone.now())])
    assert len(captured) == 0


def test_a_batch_of_the_clock_is_chained(actor, clock):
    contracts = [official(actor, type="payment_request") for _ in range(3)]
    request_void(contract=contracts[1], reason="renamed", by=actor)
    clock.move_to(contracts[-1].expires_at)
    assert invalidate_due(now=timezone.now()) == 3
    ends = {contract.pk: [event.kind for event in contract.events.all()][2:] for contract in contracts}
    assert list(ends.values()) == [
        ["invalidated"],
        ["ticket_opened", "invalidated", "ticket_lapsed"],
        ["invalidated"],
    ]
    assert [row["hash"] for row in rows()] == [by_hand(row) for row in rows()]


def test_no_trail_ever_forks(actor):
    """Not even where somebody forgot the lock: two events that follow on from the same one cannot both be there."""
    contract = draft(actor)
    first = contract.events.get()
    fork = audit.event(contract, Kind.VOIDED, by=CLOCK, at=timezone.now())
    fork.position, fork.previous, fork.hash = 1, first.previous, first.hash
    with guards_lifted(), pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        fork.save()
