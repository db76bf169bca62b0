"""Sending the email notices that are due: at least once, by any number of workers at once.

A worker claims one notice in a short transaction, which counts the attempt and moves `due_at` ahead by LEASE; it sends
with no lock held, and records what came of it. One whose worker was killed in between comes due again: if it was sent
already, it is sent a second time, under the same Message-ID.
"""

import contextlib
import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from emails.kinds import KINDS
from emails.letters import message_for_recipient
from emails.models import Notice
from jobs.holding import sending_is_held
from jobs.turns import Sent

log = logging.getLogger(__name__)

TURN = 45
"""Seconds. A worker that is stopped finishes its turn first."""
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]
"""After the first failure, the second, …; the one after the last is given up, three days after it was written."""
LEASE = timedelta(minutes=5)
"""How long a claimed notice is left to its worker. Every step of sending one ends after EMAIL_TIMEOUT."""
REFUSALS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
"""Answers of a mail server about the one email. Any other failure means that there is none to talk to."""

NO_ADDRESS = gettext_noop("The recipient has no valid email address.")


@dataclass(frozen=True, slots=True)
class Source:
    """Requests that become emails just before sending, so that the page that took them answers in constant time."""

    write_emails: Callable[[], None]
    waiting_since: Callable[[], datetime | None]
    """Returns when the oldest request was made (aware); None where none waits."""


SOURCES: list[Source] = []
"""Apps that own such requests append theirs in `ready`."""


class Undeliverable(Exception):
    """There is nobody to send it to, and trying again does not help."""


def send_due() -> Sent:
    """Send what is due, the longest due first, for TURN seconds at most.

    A notice that fails is put off and holds up no other. Without a mail server the rest is left to the clock's next
    turn. In a restored copy all of them wait (jobs/holding.py).
    """
    if sending_is_held():
        return Sent(0, go_on=False)
    for source in SOURCES:
        source.write_emails()
    started, tried, reached = monotonic(), 0, True
    connection = get_connection()
    while reached and monotonic() - started < TURN and (notice := _claim()):
        tried += 1
        reached = _send(notice, connection)
    _close(connection)
    return Sent(tried, go_on=reached)


def next_due_notice(by: datetime) -> datetime | None:
    """When the next email is due, in the past where it waits already; None where none is due until `by` (aware)."""
    waiting = [at for source in SOURCES if (at := source.waiting_since())]
    return min(waiting, default=None) or _due(by).values_list("due_at", flat=True).first()


def _due(by: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(state=Notice.State.PENDING, due_at__lte=by).order_by("due_at")


def _claim() -> Notice | None:
    now = timezone.now()
    due = _due(now)
    with transaction.atomic(durable=True):  # or the lock would outlast it
        notice = due.select_for_update(skip_locked=True, of=("self",)).select_related("user").first()
        if notice:
            notice.attempts += 1
            notice.due_at = now + LEASE
            notice.save(update_fields=["attempts", "due_at"])
    return notice


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    """Record what came of it; False where there is no mail server to go on with."""
    try:
        message = message_for_recipient(notice, address=_address_of(notice))
        connection.open()
        connection.send_messages([message])
    except Undeliverable as obstacle:
        _give_up(notice, str(obstacle))
    except Exception as error:  # a fault in the words of one kind must not hold up the others
        _put_off(notice, error)
        _close(connection)  # the next begins on a fresh one
        return isinstance(error, REFUSALS) or not isinstance(error, OSError)
    else:
        Notice.objects.filter(pk=notice.pk).update(state=Notice.State.SENT, sent_at=timezone.now(), error="")
    return True


def _address_of(notice: Notice) -> str:
    """Raises Undeliverable."""
    if obstacle := KINDS[notice.kind].obstacle(notice):
        raise Undeliverable(obstacle)
    try:
        validate_email(notice.user.email)
    except ValidationError as error:
        raise Undeliverable(NO_ADDRESS) from error
    return notice.user.email


def _put_off(notice: Notice, error: Exception) -> None:
    told = told_without_names(error)
    by_us = not isinstance(error, OSError)
    log.warning("notice %d not sent, attempt %d: %s", notice.pk, notice.attempts, told, exc_info=by_us)
    if notice.attempts > len(WAITS):
        _give_up(notice, told)
    else:
        _mine(notice).update(due_at=timezone.now() + WAITS[notice.attempts - 1], error=told)


def _give_up(notice: Notice, error: str) -> None:
    log.error("notice %d given up: %s", notice.pk, error)
    _mine(notice).update(state=Notice.State.FAILED, error=error)


def _mine(notice: Notice) -> QuerySet[Notice]:
    """Empty where another worker has taken it over, or staff did: this one was slower than its lease."""
    return Notice.objects.filter(pk=notice.pk, state=Notice.State.PENDING, attempts=notice.attempts)


def told_without_names(error: Exception) -> str:
    """The kind of failure and the server's code. What servers say in words may name people, and the row is kept."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return " ".join([name, *(str(code) for code, _said in error.recipients.values())])
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} {error.smtp_code}"
    return f"{name}: {error}"[:500] if isinstance(error, OSError) else name


def _close(connection: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError):  # it is gone already
        connection.close()
