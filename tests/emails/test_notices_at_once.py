"""Several workers, and one that is killed."""

import threading

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from emails.sending import LEASE, send_due_emails
from tests.contracts.test_concurrency import at_once
from tests.emails.mail import notice, state_of


class Killed(EmailBackend):
    """The worker is killed while it sends."""

    def send_messages(self, messages):
        raise SystemExit


class Meeting(EmailBackend):
    """A worker sends its first only when the other has claimed one too."""

    claimed = threading.Barrier(2, timeout=20)
    met = False

    def send_messages(self, messages):
        if not self.met:
            self.met = True
            self.claimed.wait()
        return super().send_messages(messages)


@pytest.mark.django_db
def test_what_a_killed_worker_had_claimed_comes_due_again_after_its_lease(settings, clock):
    backend = settings.EMAIL_BACKEND
    row = notice()
    settings.EMAIL_BACKEND = f"{__name__}.Killed"
    with pytest.raises(SystemExit):
        send_due_emails()
    settings.EMAIL_BACKEND = backend

    assert (send_due_emails().attempted, state_of(row)) == (0, ("pending", 1))

    clock.shift(LEASE)
    assert (send_due_emails().attempted, state_of(row)) == (1, ("sent", 2))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_once(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Meeting"
    rows = [notice() for _ in range(20)]

    tried = at_once([send_due_emails, send_due_emails])

    assert sum(sent.attempted for sent in tried) == 20
    assert len({email.extra_headers["Message-ID"] for email in mail.outbox}) == len(mail.outbox) == 20
    assert {state_of(row) for row in rows} == {("sent", 1)}
