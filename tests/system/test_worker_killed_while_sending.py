"""The machine kills the background worker while it sends emails. I get every one of them; one perhaps twice."""

from collections import Counter

import pytest
from django.utils import timezone

from emails.models import Notice
from emails.sending import LEASE
from tests.emails.mail import acting, notice
from tests.system import servers
from tests.system.mail import mail_server
from tests.system.processes import say, wait_for
from tests.system.surroundings import as_the_clock_does

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("broker"),
]
NOTICES = 40
KILLED_AT = 15
"""The mail server has taken this one, and has not said so yet."""


def waiting():
    return Notice.objects.filter(state=Notice.State.PENDING)


def test_every_email_is_sent_and_only_the_one_in_flight_twice(environment):
    member = acting()
    for _ in range(NOTICES):
        notice(member)
    with mail_server() as server:
        server.silent_at = KILLED_AT
        environment |= {"EMAIL_URL": server.url}
        with servers.worker(environment) as worker:
            as_the_clock_does("emails.tasks.send_notices", environment)
            wait_for("one is in flight", lambda: len(server.taken) == KILLED_AT)
            worker.kill_all()
        assert Notice.objects.filter(state="sent").count() == KILLED_AT - 1

        with servers.worker(environment):
            as_the_clock_does("emails.tasks.send_notices", environment)
            wait_for("all others are sent", lambda: waiting().count() == 1)
            in_flight = waiting().get()
            assert timezone.now() < in_flight.due_at <= timezone.now() + LEASE
            waiting().update(due_at=timezone.now())  # the end of the lease
            as_the_clock_does("emails.tasks.send_notices", environment)
            wait_for("all are sent", lambda: not waiting().exists())

    sent = Counter(server.taken)
    say(f"{NOTICES} notices, {len(server.taken)} emails taken, twice: {[i for i, n in sent.items() if n > 1]}")
    assert set(sent) == {f"<notice-{pk}@127.0.0.1>" for pk in Notice.objects.values_list("pk", flat=True)}
    assert sent.pop(f"<notice-{in_flight.pk}@127.0.0.1>") == 2
    assert set(sent.values()) == {1}
    assert set(Notice.objects.values_list("state", "attempts")) == {("sent", 1), ("sent", 2)}
