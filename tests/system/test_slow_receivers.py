"""A customer whose receiver is slow, and who asks for hundreds of events again, delays neither the clock nor emails."""

import time
from contextlib import ExitStack

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from contracts.models import Contract
from emails.models import Notice
from jobs.models import ClockRun
from tests.emails.mail import acting, notice
from tests.factories import PartyProfileFactory, draft, member
from tests.system import servers
from tests.system.mail import mail_server
from tests.system.processes import say, wait_for
from tests.system.surroundings import as_the_clock_does, its_time_comes
from tests.webhooks.receiving import due, endpoint_of, receiver
from webhooks.models import WebhookDelivery

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
EVENTS = 500
ANSWERS_AFTER = 9
"""Seconds: below what a receiver has, so that nothing pauses the endpoint."""


@pytest.mark.rule("R20")
def test_the_clock_and_emails_go_on(issuer, environment, redis):
    slow_member = member()
    to_end = draft(actor_of(acting(account=PartyProfileFactory().account), "api"), type="payment_request")
    environment |= {"WEBHOOK_ALLOW_PRIVATE": "true"}
    with ExitStack() as stack:
        stack.enter_context(redis.running())
        mails = stack.enter_context(mail_server())
        slow, quick = stack.enter_context(receiver()), stack.enter_context(receiver())
        slow.always = lambda conversation: slow.closing.wait(ANSWERS_AFTER) or conversation.send_error(204)
        endpoint = endpoint_of(slow_member.account, slow.url)
        for i in range(EVENTS):
            due(endpoint, f"EC{i}")
            as_the_clock_does("webhooks.tasks.send_webhooks", environment)
        stack.enter_context(servers.worker(environment | {"EMAIL_URL": mails.url}))
        stack.enter_context(servers.beat(environment))
        wait_for("the slow receiver is busy", lambda: len(slow.received) >= 4)

        began = time.monotonic()
        its_time_comes(to_end)
        letter = notice()
        event = due(endpoint_of(to_end.account, quick.url))
        wait_for("the contract is ended", lambda: Contract.objects.get(pk=to_end.pk).status == "invalid")
        ended = time.monotonic() - began
        wait_for("the email is sent", lambda: Notice.objects.get(pk=letter.pk).state == "sent")
        mailed = time.monotonic() - began
        wait_for("the event is sent", lambda: WebhookDelivery.objects.get(pk=event.pk).state == "delivered")
        told = time.monotonic() - began
        late = timezone.now() - ClockRun.objects.get(job=ClockRun.Job.SETTLE).succeeded_at

        say(
            f"ended {ended:.1f} s, email {mailed:.1f} s, another's event {told:.1f} s; last run of the clock {late} ago"
        )
        assert WebhookDelivery.objects.filter(endpoint=endpoint, state="pending").count() > EVENTS / 2
