"""Traces: a request's services, statements and seals, and the tasks that it enqueues; and nothing that is personal."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from celery.app.trace import trace_task
from celery.signals import after_task_publish
from django.db import connection
from django.test import Client
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from accounts.models import ApiToken
from common import tracing as spans_of_services
from config import tracing
from jobs.queueing import enqueue
from tests import factories
from webhooks.tasks import send_webhooks

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    stop = tracing.trace_to(SimpleSpanProcessor(tracing.without_personal_data(exporter)))
    yield exporter
    stop()


@pytest.fixture
def draft(issuer):
    membership = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    contract = factories.draft(factories.actor_of(membership, "api"))
    return contract, {"HTTP_AUTHORIZATION": f"Token {ApiToken.for_member(membership)[1]}"}


def parents(span: ReadableSpan, spans: list[ReadableSpan]) -> list[str]:
    """Names of the spans around it, the nearest first."""
    by_id = {one.context.span_id: one for one in spans}
    names = []
    while span.parent and (span := by_id.get(span.parent.span_id)):
        names.append(span.name)
    return names


def test_a_request_leads_to_service_statement_and_seal(exporter, draft):
    contract, headers = draft
    exporter.clear()
    url = f"/api/v1/contracts/{contract.number}/convert/"
    assert Client().post(url, content_type="application/json", **headers).status_code == 200
    spans = list(exporter.get_finished_spans())
    [request] = [span for span in spans if not span.parent]
    assert request.name == "POST api/v1/contracts/<str:number>/convert/"
    assert len({span.context.trace_id for span in spans}) == 1
    convert = "contracts.services.convert.convert_to_official"
    [seal] = [span for span in spans if span.name == "contracts.sealing.seal"]
    assert parents(seal, spans) == [convert, request.name]
    [insert] = [
        span for span in spans if 'INSERT INTO "contracts_contractdocument"' in span.attributes.get("db.statement", "")
    ]
    assert insert.attributes["db.system"] == connection.vendor
    assert parents(insert, spans)[-2:] == [convert, request.name]


def test_no_span_holds_a_value_an_address_or_a_message(exporter, draft):
    contract, headers = draft
    exporter.clear()
    Client().get(
        f"/api/v1/contracts/{contract.number}/?q=zhang", REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Zhang/1", **headers
    )
    Client().get("/nowhere/zhang", headers={"user-agent": "Zhang/1"})
    with pytest.raises(ValueError, match="zhang"), spans_of_services.span("failing"):
        raise ValueError("zhang@customer.example")
    spans = list(exporter.get_finished_spans())
    told = " ".join(span.to_json() for span in spans).lower()
    for words in ("zhang", "203.0.113.9", contract.number.lower(), headers["HTTP_AUTHORIZATION"].split()[1].lower()):
        assert words not in told
    [failing] = [span for span in spans if span.name == "failing"]
    assert [event.attributes for event in failing.events] == [{"exception.type": "ValueError"}]


@pytest.fixture
def sent() -> Iterator[list[dict[str, Any]]]:
    """Headers of the messages that this test sends. Others use the same broker."""
    headers: list[dict[str, Any]] = []

    def note(**named: Any) -> None:
        headers.append(named["headers"])

    after_task_publish.connect(note)
    yield headers
    after_task_publish.disconnect(note)


def test_a_task_belongs_to_the_trace_of_the_request_that_enqueued_it(exporter, sent):
    with spans_of_services.span("request"):
        enqueue(send_webhooks)
    [headers] = sent
    trace_task(send_webhooks, headers["id"], [], {}, request=headers, app=current_app)  # as a worker does
    spans = {span.name: span for span in exporter.get_finished_spans()}
    run = next(span for name, span in spans.items() if name.startswith("run/"))
    assert run.name == "run/webhooks.tasks.send_webhooks"
    assert run.context.trace_id == spans["request"].context.trace_id


def test_switched_off_a_span_is_nothing():
    assert spans_of_services.span("any") is spans_of_services.span("other")


LOADED = """
import config.wsgi, sys
print(*sorted({"opentelemetry.instrumentation.django", "sentry_sdk"} & {*sys.modules}))
"""
"""redis-py imports opentelemetry's metrics wherever it finds them."""


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    switches = dict.fromkeys((*tracing.ENDPOINTS, "SENTRY_DSN", "OTEL_SDK_DISABLED"), "")
    return subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env={**os.environ, **switches, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_switched_off_neither_library_is_imported():
    assert started().stdout.split() == []


def test_each_is_switched_on_by_its_setting():
    collector = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    assert started(**collector).stdout.split()[0] == "opentelemetry.instrumentation.django"
    assert started(**collector, OTEL_SDK_DISABLED="true").stdout.split() == []
    assert started(SENTRY_DSN="http://key@127.0.0.1:1/1").stdout.split() == ["sentry_sdk"]


def test_an_unusable_address_of_sentry_stops_the_start():
    done = started(SENTRY_DSN="sentry.example")
    assert done.returncode != 0
    assert "SENTRY_DSN must be an address" in done.stderr
