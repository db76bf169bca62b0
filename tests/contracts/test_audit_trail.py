"""Who did what, when and from where: for ever."""

import json

import pytest
from django.utils import timezone

from contracts.models import AuditEvent
from contracts.services import edit_remarks, invalidate_due, reject_void, request_void, void_draft
from tests.factories import draft, member, official, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(issuer):
    return member()


def trail(contract):
    return [(event.kind, event.actor_id, event.source) for event in contract.events.all()]


@pytest.mark.rule("R27")
def test_every_change_leaves_an_event(actor, clock):
    contract = official(actor, type="payment_request")
    edit_remarks(contract=contract, remarks="for the archive", by=actor)
    decider = staff()
    reject_void(ticket=request_void(contract=contract, reason="why not", by=actor), by=decider, note="no")
    request_void(contract=contract, reason="once more", by=actor)
    clock.move_to(contract.expires_at)
    invalidate_due(now=timezone.now())
    assert trail(contract) == [
        ("drafted", actor.user_id, "page"),
        ("converted", actor.user_id, "page"),
        ("remarks_edited", actor.user_id, "page"),
        ("ticket_opened", actor.user_id, "page"),
        ("ticket_rejected", decider.user_id, "admin"),
        ("ticket_opened", actor.user_id, "page"),
        ("invalidated", None, "clock"),
        ("ticket_lapsed", None, "clock"),
    ]


@pytest.mark.rule("R27")
def test_voiding_leaves_an_event(actor):
    contract = draft(actor)
    void_draft(contract=contract, by=actor)
    assert trail(contract)[-1] == ("voided", actor.user_id, "page")


@pytest.mark.rule("R27")
def test_remarks_that_stay_the_same_leave_no_event(actor):
    contract = draft(actor, remarks="as before")
    edit_remarks(contract=contract, remarks="as before", by=actor)
    assert len(trail(contract)) == 1


@pytest.mark.rule("R27")
def test_events_are_neither_edited_nor_deleted(actor):
    event = draft(actor).events.get()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    with pytest.raises(TypeError):
        AuditEvent.objects.all().delete()
    with pytest.raises(TypeError):
        AuditEvent.objects.filter(pk=event.pk).update(source="api")


@pytest.mark.rule("R27")
def test_events_hold_no_personal_data(actor):
    contract = draft(actor, remarks="call Li Lei", party_a={"contact": "韩梅梅", "phone": "13812345678"})
    void_draft(contract=contract, by=actor, reason="Li Lei was wrong")
    written = json.dumps(list(contract.events.values()), default=str, ensure_ascii=False)
    for personal in ("Li Lei", "韩梅梅", "13812345678", "finance@customer.example", actor.account.certified_name):
        assert personal not in written
