"""Redis stops, and starts again having forgotten everything. The site goes on, and nothing that was due is lost."""

import os
import signal
import time
from collections import Counter
from contextlib import ExitStack

import pytest
from redis import Redis

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts.models import Contract
from emails.models import Notice
from tests.contracts.races.racing import everything_holds
from tests.emails.mail import acting
from tests.factories import PartyProfileFactory, draft, official
from tests.system import servers
from tests.system.calls import Caller
from tests.system.mail import mail_server
from tests.system.processes import say, wait_for
from tests.system.surroundings import as_the_clock_does, its_time_comes

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
AT_ONCE = 10
"""Seconds. It is two at most on a machine that has nothing else to do."""


@pytest.fixture
def member(issuer):
    return acting(account=PartyProfileFactory().account)


@pytest.fixture
def caller(member, client) -> Caller:
    """Of the API and of pages; the port is yet to be known."""
    client.force_login(member.user)
    return Caller(0, ApiToken.for_member(member)[1], client.session.session_key)


@pytest.mark.rule("R20")
def test_the_site_goes_on_and_what_was_due_is_done_afterwards(environment, redis, member, caller):
    actor = actor_of(member, "api")
    to_void, to_end = official(actor), draft(actor, type="payment_request")
    with ExitStack() as stack:
        broker = stack.enter_context(redis.running())
        mails = stack.enter_context(mail_server())
        environment |= {"EMAIL_URL": mails.url}
        web = stack.enter_context(servers.web(environment))
        worker = stack.enter_context(servers.worker(environment))
        beat = stack.enter_context(servers.beat(environment))
        caller = Caller(web.port, caller.token, caller.session)
        wait_for("the system is ready", lambda: caller.get("/readyz").status == 200)

        broker.kill_all()
        stopped = time.monotonic()
        answer = caller.post(f"/api/v1/contracts/{to_void.number}/void-tickets/", {"reason": "Wrong orders"})
        took = time.monotonic() - stopped
        assert answer.status == 201, answer.body
        assert took < AT_ONCE
        assert caller.get("/contracts/").status == 200
        assert Notice.objects.get().state == "pending"
        its_time_comes(to_end)

        ready = wait_for("it says so", lambda: answer if (answer := caller.get("/readyz")).status == 503 else None)
        assert [part for part, state in ready.json.items() if state == "failed"] == ["broker"]
        assert caller.get("/healthz").status == 200
        assert web.process.said("not ready: broker")
        assert web.process.said("Error calling enqueue")
        wait_for("the worker says so", lambda: worker.said("Connection refused"))
        wait_for("beat says so", lambda: beat.said("Connection refused"))
        assert mails.taken == []
        assert Contract.objects.get(pk=to_end.pk).status == "draft"

        stack.enter_context(redis.running())
        started = time.monotonic()
        wait_for("what came due is ended", lambda: Contract.objects.get(pk=to_end.pk).status == "invalid")
        wait_for("every email is sent", lambda: set(Notice.objects.values_list("state", flat=True)) == {"sent"})
        say(f"ticket in {took:.1f} s without Redis; all done {time.monotonic() - started:.1f} s after it was back")
        wait_for("the system is ready again", lambda: caller.get("/readyz").status == 200)

    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["contract_invalid", "ticket_opened"]
    assert Counter(mails.taken) == {f"<notice-{pk}@127.0.0.1>": 1 for pk in Notice.objects.values_list("pk", flat=True)}
    everything_holds()


@pytest.mark.rule("R20")
def test_a_worker_goes_on_that_held_messages_when_redis_went_away(environment, redis, member):
    to_end = draft(actor_of(member, "api"), type="payment_request")
    with ExitStack() as stack:
        broker = stack.enter_context(redis.running())
        worker = stack.enter_context(servers.worker(environment))
        children = worker.children()
        for pid in children:
            os.kill(pid, signal.SIGSTOP)
        as_the_clock_does("contracts.tasks.settle_due", environment)
        wait_for("it holds messages", lambda: Redis.from_url(redis.url).hlen("unacked"))

        broker.kill_all()
        wait_for("the worker says so", lambda: worker.said("Connection to broker lost"))
        for pid in children:
            os.kill(pid, signal.SIGCONT)
        stack.enter_context(redis.running())
        wait_for("it is back", lambda: worker.log.read_text().count("Connected to") == 2 and worker.said("Connected"))
        its_time_comes(to_end)
        as_the_clock_does("contracts.tasks.settle_due", environment)
        wait_for("what came due is ended", lambda: Contract.objects.get(pk=to_end.pk).status == "invalid")
    everything_holds()
