"""After an outage my program has all failed events sent again, and finds what it missed in the log."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import SecurityEvent
from tests.api.conformance import problem
from tests.conftest import Api
from tests.factories import MembershipFactory
from tests.webhooks.receiving import due, endpoint_of
from webhooks import log
from webhooks.health import find_health
from webhooks.models import WebhookDelivery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def own(membership):
    return endpoint_of(membership.account)


def failed(endpoint, subject: str = "EC1", **fields) -> WebhookDelivery:
    return due(endpoint, subject, state="failed", attempts=12, **fields)


def resend(api, endpoint, **body):
    return api.post(f"webhooks/{endpoint.pk}/redeliver/", body)


def listed(api, endpoint, **filters) -> list[int]:
    answer = api.get(f"webhooks/{endpoint.pk}/deliveries/", filters)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_those_that_failed_are_sent_again_and_no_others(api, own):
    chosen = [failed(own, f"EC{i}") for i in range(3)]
    other = failed(endpoint_of(own.account))
    delivered = due(own, state="delivered", delivered_at=timezone.now())
    assert resend(api, own).json() == {"resent": 3}
    pending = WebhookDelivery.objects.filter(state="pending", attempts=0)
    assert set(pending) == set(chosen)
    for untouched in (other, delivered):
        before = untouched.state
        untouched.refresh_from_db()
        assert untouched.state == before


def test_they_are_chosen_by_state_type_subject_and_time(api, own, clock):
    failed(own, "EC1", type="contract.drafted")
    second = failed(own, "EC2", type="contract.drafted")
    failed(own, "EC2", type="contract.official")
    assert resend(api, own, subject="EC2", type="contract.drafted").json() == {"resent": 1}
    second.refresh_from_db()
    assert second.state == "pending"
    clock.shift(timedelta(hours=1))
    failed(own, "EC3", created_at=timezone.now())
    assert resend(api, own, created_from=timezone.now().isoformat()).json() == {"resent": 1}
    due(own, "EC4", state="delivered", delivered_at=timezone.now())
    assert resend(api, own, state="delivered").json() == {"resent": 1}


def test_at_most_a_thousand_at_once_the_oldest_first(api, own, monkeypatch):
    monkeypatch.setattr(log, "MAX_RESENT", 2)
    *_, third = (failed(own, f"EC{i}") for i in range(3))
    assert resend(api, own).json() == {"resent": 2}
    assert set(WebhookDelivery.objects.filter(state="failed")) == {third}
    assert resend(api, own).json() == {"resent": 1}


def test_who_may_not_and_a_disabled_endpoint(api, own, membership):
    failed(own)
    problem(resend(Api(MembershipFactory(account=membership.account, role="viewer")), own), 403, "permission_denied")
    problem(resend(Api(MembershipFactory()), own), 404, "not_found")
    problem(resend(api, own, state="pending"), 400, "invalid")
    problem(resend(api, own, from_="x"), 400, "invalid")
    api.patch(f"webhooks/{own.pk}/", {"enabled": False})
    problem(resend(api, own), 409, "transition_not_allowed")


def test_the_log_is_filtered_and_has_the_message(api, own, clock):
    first = due(own, "EC1", "contract.drafted")
    second = due(own, "EC2", "contract.official", created_at=timezone.now() + timedelta(hours=1))
    assert listed(api, own, subject="EC1") == [first.pk]
    assert listed(api, own, type="contract.official") == [second.pk]
    assert listed(api, own, created_from=second.created_at.isoformat()) == [second.pk]
    assert listed(api, own, created_to=second.created_at.isoformat()) == [first.pk]
    assert listed(api, own, subject="EC1", state="failed") == []
    [row] = api.get(f"webhooks/{own.pk}/deliveries/", {"subject": "EC1"}).json()["results"]
    assert row["payload"] == json.loads(first.body)
    for name, value in (("state", "gone"), ("created_from", "today"), ("subject", "x" * 65)):
        answer = api.get(f"webhooks/{own.pk}/deliveries/", {name: value})
        assert problem(answer, 400, "invalid")["errors"][0]["pointer"] == f"/{name}"


def test_the_next_attempt_is_when_it_will_be(api, own):
    delivery = due(own)

    def next_try() -> str | None:
        return api.get(f"webhooks/{own.pk}/deliveries/").json()["results"][0]["next_try_at"]

    assert timezone.datetime.fromisoformat(next_try()) == delivery.due_at
    own.failures, own.failing_since = 1, timezone.now()
    own.resume_at = timezone.now() + timedelta(minutes=5)
    own.save()
    assert timezone.datetime.fromisoformat(next_try()) == own.resume_at
    api.patch(f"webhooks/{own.pk}/", {"enabled": False})
    assert next_try() is None


def test_pages_and_api_show_how_the_endpoint_does(api, client, membership, own, clock):
    failed(own)
    due(own, state="delivered", delivered_at=timezone.now())
    old = due(own, created_at=timezone.now() - timedelta(days=2))
    health = find_health([own], now=timezone.now())[own.pk]
    assert (health.events, health.delivered, health.failed, health.pending) == (2, 1, 1, 1)
    assert health.oldest_pending_at == old.created_at
    client.force_login(membership.user)
    for page in ("", f"{own.pk}/"):
        assert "1 of 2 delivered (50%)" in client.get(f"/account/webhooks/{page}").text
    [shown] = api.get("webhooks/").json()["results"]
    assert shown["health"]["oldest_pending_at"] == timezone.localtime(old.created_at).isoformat()
    assert (shown["health"]["events"], shown["health"]["delivered"]) == (2, 1)


def test_a_delivery_waits_for_the_earlier_one_of_its_subject(api, own):
    first = due(own, "EC1", due_at=timezone.now() + timedelta(hours=1))
    for waiting in (due(own, "EC1"), due(own, "EC1")):
        assert waiting.next_attempt_at == first.due_at
    assert due(own, "EC2").next_attempt_at == timezone.now()
    rows = api.get(f"webhooks/{own.pk}/deliveries/").json()["results"]
    at = timezone.localtime(first.due_at).isoformat()
    assert [row["next_try_at"] for row in rows] == [timezone.localtime().isoformat(), at, at, at]


def test_those_named_are_sent_again_whether_they_were_delivered_or_not(api, own):
    delivered = due(own, state="delivered", delivered_at=timezone.now())
    test = due(own, "", WebhookDelivery.TEST, state="failed")
    named = [delivered, failed(own), due(own), test, due(endpoint_of(own.account), state="failed")]
    failed(own)
    assert resend(api, own, ids=[delivery.pk for delivery in named]).json() == {"resent": 2}
    again = WebhookDelivery.objects.filter(state="pending", endpoint=own)
    assert set(again) == set(named[:3])
    for ids in ([], [0], ["1"], [2**63], list(range(1, 1002))):
        pointer = "/ids/0" if len(ids) == 1 else "/ids"
        assert problem(resend(api, own, ids=ids), 400, "invalid")["errors"][0]["pointer"] == pointer
    assert SecurityEvent.objects.filter(kind="webhook_changed", detail=f"webhook endpoint {own.pk}: 2 events resent")


def test_changes_of_an_endpoint_are_in_the_security_log(api, membership):
    made = api.post("webhooks/", {"url": "https://hooks.example.com/"}).json()["id"]
    api.patch(f"webhooks/{made}/", {"enabled": False, "description": "ERP"})
    api.patch(f"webhooks/{made}/", {})
    api.patch(f"webhooks/{made}/", {"enabled": True})
    api.post(f"webhooks/{made}/rotate-secret/")
    api.client.delete(f"/api/v1/webhooks/{made}/")
    logged = SecurityEvent.objects.filter(kind="webhook_changed", user=membership.user).order_by("pk")
    assert [event.detail.removeprefix(f"webhook endpoint {made}: ") for event in logged] == [
        "created",
        "description, disabled",
        "enabled",
        "secret rotated",
        "deleted",
    ]


def test_the_newest_attempts_alone_are_shown(api, own, monkeypatch):
    monkeypatch.setattr(WebhookDelivery, "MAX_TRIES", 2)
    delivery = failed(own)
    for status in (500, 502, 503):
        delivery.tries.create(at=timezone.now(), duration_ms=1, status_code=status)
    [row] = api.get(f"webhooks/{own.pk}/deliveries/").json()["results"]
    assert [attempt["status_code"] for attempt in row["tries"]] == [502, 503]
    assert [attempt.status_code for attempt in delivery.recent_tries] == [502, 503]
