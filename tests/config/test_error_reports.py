"""Reports to Sentry: where an error was raised, and nothing that is personal."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog
from celery import current_app
from celery.app.trace import trace_task
from django.test import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from config import error_reports
from emails.tasks import check_mail_server

pytestmark = pytest.mark.django_db
PERSONAL = ("zhang", "203.0.113.9", "s3cr3t", "13800000000")
SENT: list[dict[str, Any]] = []


class Kept(Transport):
    """Keeps what would be sent."""

    def capture_envelope(self, envelope: Envelope) -> None:
        SENT.extend(item.payload.json for item in envelope.items)


@pytest.fixture
def sent() -> Iterator[list[dict[str, Any]]]:
    SENT.clear()
    with sentry_sdk.isolation_scope():
        error_reports.report_to("http://key@127.0.0.1:1/1", transport=Kept)
        yield SENT
        sentry_sdk.init()  # without an address: switched off


def fail(*_: object, **__: object) -> None:
    phone = "13800000000"
    raise ValueError(f"Zhang San, {phone}")


def test_an_error_of_a_request_is_sent_without_the_request(sent, monkeypatch):
    monkeypatch.setattr("config.health.READINESS.parts", fail)
    browser = Client(raise_request_exception=False)
    answer = browser.post(
        "/readyz?name=zhang", {"password": "s3cr3t"}, REMOTE_ADDR="203.0.113.9", headers={"cookie": "sessionid=s3cr3t"}
    )
    assert answer.status_code == 405
    browser.get("/readyz?name=zhang", REMOTE_ADDR="203.0.113.9", headers={"cookie": "sessionid=s3cr3t"})
    [event] = sent
    [error] = event["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["transaction"] == "/readyz"
    assert not set(event) & {"request", "user", "breadcrumbs", "extra", "contexts", "server_name"}
    told = json.dumps(event).lower()
    assert not [words for words in PERSONAL if words in told]


def test_lines_of_the_log_are_sent_as_templates(sent):
    logging.getLogger("any").error("the user %s was not found", "Zhang San")
    structlog.get_logger("other").error("not found", name="Zhang San")
    assert [event["logentry"] for event in sent] == [{"message": "the user %s was not found"}, {"message": "not found"}]
    assert "zhang" not in json.dumps(sent).lower()


def test_an_error_of_a_task_names_the_task(sent, monkeypatch):
    monkeypatch.setattr("emails.tasks.require_mail_server", fail)
    trace_task(check_mail_server, "an-id", [], {}, app=current_app)
    [event] = [event for event in sent if "exception" in event]
    assert event["transaction"] == "emails.tasks.check_mail_server"
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert not [words for words in PERSONAL if words in json.dumps(sent).lower()]
