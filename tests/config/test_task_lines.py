"""Every task leaves one line in the log, under the id of the request that enqueued it."""

import pytest
from celery import current_app, shared_task
from celery.app.trace import trace_task
from structlog.contextvars import bind_contextvars

from contracts.tasks import settle_due
from emails.tasks import send_notices
from tests.lines import Lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    with Lines() as lines:
        yield lines


@shared_task
def refuse_zhang() -> None:
    raise ValueError("zhang@customer.example")


def test_a_task_that_was_done_says_how_many_of_what(lines):
    settle_due.apply(task_id="task-7")
    [line] = lines.of("config.tasks")
    assert line.pop("ms") > 0
    del line["time"]
    assert line == {
        "level": "info",
        "logger": "config.tasks",
        "event": "task",
        "task": "contracts.tasks.settle_due",
        "task_id": "task-7",
        "state": "SUCCESS",
        "done": {"orders": 0, "contracts": 0, "reminders": 0},
    }


def test_a_task_that_failed_says_of_what_kind_and_where(lines):
    refuse_zhang.apply()
    [line] = [line for line in lines.all if line["level"] in ("error", "critical")]
    assert (line["logger"], line["state"], line["exception"]) == ("config.tasks", "FAILURE", "ValueError")
    assert line["frames"][-1].endswith(" refuse_zhang")
    assert "zhang@" not in lines.text


def test_the_message_carries_the_request_that_enqueued_it(lines):
    bind_contextvars(request_id="request-9")
    with current_app.connection_for_write(url="memory://") as broker:
        send_notices.apply_async(connection=broker)
        message = broker.SimpleQueue("email").get(timeout=1)
    assert message.headers["request_id"] == "request-9"
    trace_task(
        send_notices, message.headers["id"], (), {}, request=message.headers, app=current_app
    )  # as a worker does
    assert lines.of("config.tasks")[-1]["request_id"] == "request-9"
