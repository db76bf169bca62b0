"""What Prometheus is told: what was counted, and how things stand now, whatever the clock has done."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import Refused
from contracts import services
from contracts.documents import files as documents
from contracts.models import Contract
from contracts.tasks import settle_all
from emails.models import Notice
from jobs.models import ClockRun
from orders.models import Order
from tests import factories
from tests.emails import mail
from tests.figures import TOKEN, figures
from tests.webhooks.receiving import due, endpoint_of
from webhooks.models import WebhookEndpoint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _token(settings):
    settings.METRICS_TOKEN = TOKEN


def statuses() -> dict[str, float]:
    return figures().labelled("ecc_contracts")


@pytest.mark.parametrize("given", ["", "Bearer", f"Bearer {TOKEN}x", f"Token {TOKEN}", "Bearer ü"])
def test_who_does_not_know_the_token_sees_nothing(client, given):
    answer = client.get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer["WWW-Authenticate"], answer.content) == (401, "Bearer", b"")


def test_without_a_token_it_is_there_in_development_alone(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    settings.DEBUG = True
    assert client.get("/metrics").status_code == 200


def test_it_is_kept_by_nobody_and_no_probe_is_sent_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, "text/plain")
    assert "no-store" in answer["Cache-Control"]


def test_contracts_are_counted_by_status(issuer):
    actor = factories.member()
    factories.draft(actor)
    factories.draft(actor)
    factories.official(actor)
    services.void_draft(contract=factories.draft(actor), by=actor)
    assert statuses() == {"draft": 2, "official": 1, "voided": 1, "invalid": 0}


@pytest.mark.rule("R21")
def test_as_they_are_now_whatever_the_clock_has_done(issuer, clock):
    actor = factories.member()
    factories.draft(actor)
    factories.draft(actor, type="payment_request")
    lapsed = factories.official(actor, type="payment_request")
    cancelled = factories.draft(actor, type="payment_request").lines.get().order
    cancelled.cancel(at=timezone.now())
    cancelled.save()
    Order.objects.filter(contract_lines__contract=lapsed).update(payment_deadline=timezone.now())
    Contract.objects.filter(pk=lapsed.pk).update(expires_at=timezone.now(), valid_until=timezone.now())
    before = statuses()
    assert before == {"draft": 2, "official": 0, "voided": 0, "invalid": 2}
    settle_all()
    assert set(Contract.objects.values_list("status", flat=True)) == {"draft", "invalid"}
    clock.shift(timedelta(minutes=2))
    assert statuses() == before


def test_contracts_are_counted_once_a_minute(issuer, settings):
    actor = factories.member()
    assert statuses()["draft"] == 0
    factories.draft(actor)
    with CaptureQueriesContext(connection) as captured:
        assert statuses()["draft"] == 0
    assert not [query for query in captured if "COUNT" in query["sql"] and "contracts_contract" in query["sql"]]


def test_a_conversion_is_counted_by_what_came_of_it(issuer, monkeypatch):
    before = figures()
    actor = factories.member()
    contract = factories.official(actor)
    with pytest.raises(Refused):
        services.convert_to_official(contract=contract, by=actor)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    draft = factories.draft(actor)
    monkeypatch.setattr(documents, "read", broken)
    with pytest.raises(ZeroDivisionError):
        services.convert_to_official(contract=draft, by=actor)
    after = figures()
    for outcome in ("official", "transition_not_allowed", "error"):
        assert after.get("ecc_conversions_total", outcome=outcome) == 1 + before.get(
            "ecc_conversions_total", outcome=outcome
        )
    assert after.get("ecc_seal_seconds_count") == before.get("ecc_seal_seconds_count") + 1
    assert after.get("ecc_seal_seconds_sum") > before.get("ecc_seal_seconds_sum")


def test_verdicts_are_counted(issuer, client):
    before = figures()
    contract = factories.official(factories.member())
    sealed = documents.read(documents.current(contract))
    client.get(f"/verify/?code={contract.verification_code}")
    client.get("/verify/?code=NOBODYS")
    client.post("/verify/", {"file": SimpleUploadedFile("contract.pdf", sealed)})
    client.post("/verify/", {"file": SimpleUploadedFile("contract.pdf", b"no document")})
    after = figures()
    for by, verdict in [("code", "authentic"), ("code", "unknown"), ("file", "authentic"), ("file", "not_pdf")]:
        labels = {"by": by, "verdict": verdict}
        assert after.get("ecc_verifications_total", **labels) == 1 + before.get("ecc_verifications_total", **labels)


def test_requests_are_timed_by_route_and_status_and_not_by_address(issuer, client):
    labels = {"method": "GET", "route": "/contracts/<str:number>/", "status": 302}
    before = figures().get("ecc_request_seconds_count", **labels)
    client.get("/contracts/EC1/")
    client.get("/contracts/EC2/")
    after = figures()
    assert after.get("ecc_request_seconds_count", **labels) == before + 2
    assert after.get("ecc_request_seconds_bucket", **labels, le="+Inf") == before + 2


def test_the_clock_says_when_it_ran_and_what_is_late(issuer, clock):
    assert "ecc_clock_last_run_timestamp_seconds" not in figures().names()
    settle_all()
    ran = ClockRun.objects.get().succeeded_at
    order = factories.OrderFactory()
    clock.move_to(order.payment_deadline + timedelta(seconds=90))
    told = figures()
    assert told.get("ecc_clock_last_run_timestamp_seconds") == ran.timestamp()
    assert told.get("ecc_oldest_due_seconds", kind="order") == 90


def test_emails_and_webhooks_that_wait(issuer, clock):
    mail.notice()
    mail.failed()
    hook = due(endpoint_of(factories.AccountFactory()))
    clock.shift(timedelta(seconds=30))
    told = figures()
    assert (told.get("ecc_emails_waiting"), told.get("ecc_emails_given_up")) == (1, 1)
    assert told.get("ecc_oldest_due_seconds", kind="email") == 30
    assert told.get("ecc_webhooks_waiting") == 1
    assert told.get("ecc_oldest_due_seconds", kind="webhook") == 30
    now, later = timezone.now(), timezone.now() + timedelta(minutes=5)
    WebhookEndpoint.objects.filter(pk=hook.endpoint_id).update(resume_at=later, failing_since=now, failures=1)
    Notice.objects.filter(state="pending").update(due_at=later)
    told = figures()
    assert (told.get("ecc_webhooks_waiting"), told.get("ecc_oldest_due_seconds", kind="webhook")) == (1, 0)
    assert (told.get("ecc_emails_waiting"), told.get("ecc_oldest_due_seconds", kind="email")) == (1, 0)


def test_a_database_that_is_away_is_told_and_what_was_counted_too(client, monkeypatch):
    assert figures().get("ecc_database_up") == 1

    def away(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr("config.state_metrics.clock_health", away)
    told = figures()
    assert told.get("ecc_database_up") == 0
    assert {"ecc_request_seconds_count", "ecc_database_up"} <= told.names()
    assert "ecc_contracts" not in told.names()
