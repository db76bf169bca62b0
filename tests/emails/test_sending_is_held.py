"""A restored copy writes to nobody until the operator says that it is the system from now on."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from contracts.health.clock_health import clock_health
from emails.models import Notice
from emails.sending import send_due_emails
from jobs.models import SendingHold
from tests.emails.mail import notice, somebody_of
from tests.webhooks.conftest import endpoint, receiving  # noqa: F401 - fixtures
from tests.webhooks.receiving import due
from webhooks.models import WebhookDelivery
from webhooks.sending import send_due_webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def held() -> None:
    SendingHold.objects.create(since=timezone.now())


def resume(*options: str) -> str:
    out = StringIO()
    call_command("resume_sending", *options, stdout=out)
    return out.getvalue()


def test_while_it_is_held_nothing_leaves_and_the_log_says_why(held, endpoint, receiving, caplog):  # noqa: F811
    notice()
    due(endpoint)
    assert (send_due_emails().attempted, send_due_webhooks().attempted) == (0, 0)
    assert (mail.outbox, receiving.received) == ([], [])
    assert caplog.text.count("sending is held since 2026-11-22") == 2


def test_what_waited_leaves_when_the_operator_says_so(held, endpoint, receiving):  # noqa: F811
    notice()
    due(endpoint)
    said = resume()
    assert "Sending was held since 2026-11-22" in said
    assert "1 emails and 1 webhooks that waited go out now." in said
    assert (send_due_emails().attempted, send_due_webhooks().attempted) == (1, 1)
    assert (len(mail.outbox), len(receiving.received)) == (1, 1)


def test_or_is_given_up_for_people_to_ask_for_again(held, endpoint, receiving):  # noqa: F811
    notice()
    due(endpoint)
    assert "1 emails and 1 webhooks that waited were given up." in resume("--give-up-what-waits")
    assert (send_due_emails().attempted, send_due_webhooks().attempted) == (0, 0)
    assert Notice.objects.get().error == "It was held back in a restored copy."
    assert Notice.objects.get().state == WebhookDelivery.objects.get().state == "failed"
    notice()
    assert send_due_emails().attempted == 1


def test_where_nothing_is_held_there_is_nothing_to_resume():
    with pytest.raises(CommandError, match="Sending is not held"):
        resume()


def test_emails_that_wait_by_intent_are_no_late_clock(held, clock):
    notice()
    clock.shift(timedelta(hours=1))
    assert not clock_health(now=timezone.now()).late
    resume()
    assert clock_health(now=timezone.now()).late


def test_the_back_office_says_so(held):
    said = "This system was restored from a backup on 2026-11-22 12:00. It sends no emails"
    assert said in somebody_of("Finance").get("/admin/").content.decode()
    resume()
    assert said not in somebody_of("Finance").get("/admin/").content.decode()
