"""Auditors filter the trail by person and date, and export it for the systems that watch it (R27)."""

import csv
import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import SecurityEvent
from contracts import services
from contracts.models import AuditEvent
from tests import factories
from tests.contracts.back_office.legal import holder_of, member_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.usefixtures("issuer", "clock")]
TRAIL = "/admin/contracts/auditevent/"


def content(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def events_of(answer) -> list[dict]:
    return [json.loads(line) for line in content(answer).splitlines()]


@pytest.fixture
def auditor() -> Client:
    return member_of("Auditor")


@pytest.fixture
def named(membership):
    membership.user.first_name, membership.user.last_name = "Lei", "Li"
    membership.user.save()
    return actor_of(membership, "page")


def test_the_list_names_people(auditor, named):
    factories.draft(named)

    assert f"Lei Li ({named_user(named)})" in text_of(auditor.get(TRAIL))


def named_user(actor) -> str:
    return get_user_model().objects.get(pk=actor.user_id).username


def test_the_filter_takes_person_kind_and_days(auditor, named, clock):
    today = timezone.localdate()
    old = factories.official(named)
    clock.shift(timedelta(days=1))
    other = factories.draft(factories.member())

    def shown(query: str) -> list[tuple[str, str]]:
        return [(row.contract.number, row.kind) for row in auditor.get(f"{TRAIL}?{query}").context["cl"].result_list]

    own = [(old.number, "converted"), (old.number, "drafted")]
    assert shown(f"person={named_user(named)}") == shown("person=lei") == own
    assert shown("person=nobody") == []
    assert shown(f"since={today}&until={today}") == own
    assert shown(f"since={today + timedelta(days=1)}") == [(other.number, "drafted")]
    assert shown(f"until={today}&kind__exact=drafted") == own[1:]


def test_json_lines_hold_what_happened_who_and_when(auditor, named):
    contract = factories.official(named)

    answer = auditor.get(f"{TRAIL}export/?format=jsonl&kind__exact=converted")

    [event] = events_of(answer)
    stored = AuditEvent.objects.get(kind="converted")
    assert event == {
        "time": "2026-11-22T12:00:00.000000+08:00",
        "event": "converted",
        "event_id": stored.pk,
        "actor_id": named.user_id,
        "actor": named_user(named),
        "actor_name": "Lei Li",
        "source": "page",
        "account": contract.account.number,
        "contract": contract.number,
        "position": 2,
        "ticket": None,
        "request_id": None,
        "data": stored.data,
        "previous": stored.previous,
        "hash": stored.hash,
    }
    assert datetime.fromisoformat(event["time"]) == stored.at
    assert answer["Content-Type"] == "application/x-ndjson"


def test_csv_holds_the_same(auditor, named):
    factories.official(named)

    rows = list(csv.DictReader(StringIO(content(auditor.get(f"{TRAIL}export/?format=csv")))))

    assert [(row["Kind"], row["User name"]) for row in rows] == [
        ("Draft created", named_user(named)),
        ("Converted to official contract", named_user(named)),
    ]
    assert [row["Hash"] for row in rows] == [event.hash for event in AuditEvent.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("sent", "is_kept"),
    [("01ARZ3NDEKTSV4RRFFQ69G5FAV", True), ("5f0c6f2e9f4a4d0f8a1b2c3d4e5f6071", True), ("li-lei-13800000000", False)],
)
def test_an_event_has_the_id_of_its_request_if_it_is_random(api, auditor, membership, sent, is_kept):
    order = factories.PaidOrderFactory(account=membership.account)
    body = {"type": "order", "order_numbers": [order.number]}

    assert api.post("contracts/", body, **{"X-Request-Id": sent}).status_code == 201

    [event] = events_of(auditor.get(f"{TRAIL}export/?format=jsonl"))
    assert event["request_id"] == (sent if is_kept else None)
    assert "request_id" not in event["data"]


def test_an_erased_person_has_no_name(auditor, membership):
    factories.draft(actor_of(membership, "page"))
    membership.user.username, membership.user.first_name = f"erased-{membership.user.pk}", ""
    membership.user.save()

    [event] = events_of(auditor.get(f"{TRAIL}export/?format=jsonl"))
    assert (event["actor"], event["actor_name"]) == (f"erased-{membership.user.pk}", None)


def test_the_export_is_what_the_list_shows_and_is_in_the_security_log(auditor, named):
    contract = factories.official(named)
    services.edit_remarks(contract=contract, remarks="x", by=named)
    factories.draft(factories.member())

    exported = events_of(auditor.get(f"{TRAIL}export/?format=jsonl&q={contract.number}&source=page"))

    assert [event["event"] for event in exported] == ["drafted", "converted", "remarks_edited"]
    event = SecurityEvent.objects.get(kind=SecurityEvent.Kind.EXPORTED)
    assert event.detail == "back office: audit trail jsonl, 3 rows"


def test_what_may_not_be_exported_is_refused(auditor, monkeypatch):
    factories.draft(factories.member())

    assert holder_of("view_contract").get(f"{TRAIL}export/").status_code == 403
    assert auditor.post(f"{TRAIL}export/").status_code == 403
    assert auditor.get(f"{TRAIL}export/?format=xml").status_code == 400
    assert auditor.get(f"{TRAIL}export/?since=yesterday").status_code == 400
    monkeypatch.setattr("contracts.admin.trail_export.MAX_EVENTS", 0)
    assert auditor.get(f"{TRAIL}export/").status_code == 400
