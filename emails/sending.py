"""Send due emails: at least once, by any number of concurrent workers.

A worker claims one email in a short transaction, which counts the attempt and moves `due_at` ahead by LEASE. It sends
the email without holding a lock and records the result. If the worker is killed in between, the email becomes due again
and may be sent a second time, with the same Message-ID.
"""

import contextlib
import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from common.anonymous_errors import describe_error_anonymously
from emails.kinds import KINDS
from emails.models import Notice
from emails.rendering import render_email_for_recipient
from jobs.holding import is_sending_held
from jobs.turns import TurnResult

log = logging.getLogger(__name__)

MAX_TURN_SECONDS = 45
"""A worker that is asked to stop finishes its turn first."""
RETRY_DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]
"""Delays after each failed attempt. After the last of them, about three days, one more failure is final."""
LEASE = timedelta(minutes=5)
"""How long a claim lasts. Every step of sending ends after EMAIL_TIMEOUT."""
MESSAGE_REFUSED_ERRORS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
"""Failures that concern a single email. Any other failure means that the mail server is unavailable."""

NO_ADDRESS = gettext_noop("The recipient has no valid email address.")


@dataclass(frozen=True, slots=True)
class EmailSource:
    """Requests that a worker turns into emails, so that the page that accepts them responds in constant time."""

    write_emails: Callable[[], None]
    waiting_since: Callable[[], datetime | None]
    """Returns the time (aware) of the oldest pending request; None if there is none."""


EMAIL_SOURCES: list[EmailSource] = []
"""Filled by the apps that own such requests, in `ready`."""


class Undeliverable(Exception):
    """Raised if the email has no valid recipient, so that a retry is useless."""


def send_due_emails() -> TurnResult:
    """Send due emails, the longest due first, for at most MAX_TURN_SECONDS.

    A failed email is scheduled for a retry and does not delay the others. If the mail server is unavailable, the turn
    ends. In a restored copy nothing is sent (jobs/holding.py).
    """
    if is_sending_held():
        return TurnResult(0, can_continue=False)
    for source in EMAIL_SOURCES:
        source.write_emails()
    started, attempted, is_reachable = monotonic(), 0, True
    connection = get_connection()
    while is_reachable and monotonic() - started < MAX_TURN_SECONDS and (notice := _claim()):
        attempted += 1
        is_reachable = _send(notice, connection)
    _close(connection)
    return TurnResult(attempted, can_continue=is_reachable)


def require_mail_server() -> None:
    """Connect to the mail server and sign in. Raises OSError, after at most a few times EMAIL_TIMEOUT."""
    connection = get_connection()
    try:
        connection.open()
    finally:
        _close(connection)


def find_next_email_due_time(by: datetime) -> datetime | None:
    """Return when the next email is due, which may be in the past; None if none is due until `by` (aware)."""
    waiting = [at for source in EMAIL_SOURCES if (at := source.waiting_since())]
    return min(waiting, default=None) or _due_notices(by).values_list("due_at", flat=True).first()


def _due_notices(by: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(state=Notice.State.PENDING, due_at__lte=by).order_by("due_at")


def _claim() -> Notice | None:
    now = timezone.now()
    due = _due_notices(now)
    with transaction.atomic(durable=True):  # an outer transaction would keep the lock
        notice = due.select_for_update(skip_locked=True, of=("self",)).select_related("user").first()
        if notice:
            notice.attempts += 1
            notice.due_at = now + LEASE
            notice.save(update_fields=["attempts", "due_at"])
    return notice


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    """Send the email and record the result. Returns False if the mail server is unavailable."""
    try:
        message = render_email_for_recipient(notice, address=_get_address(notice))
        connection.open()
        connection.send_messages([message])
    except Undeliverable as obstacle:
        _give_up(notice, str(obstacle))
    except Exception as error:  # an error in one kind's text must not block the other emails
        _schedule_retry(notice, error)
        _close(connection)  # the next email opens a new connection
        return isinstance(error, MESSAGE_REFUSED_ERRORS) or not isinstance(error, OSError)
    else:
        _end(notice, Notice.objects.filter(pk=notice.pk), state=Notice.State.SENT, sent_at=timezone.now(), error="")
    return True


def _get_address(notice: Notice) -> str:
    """Return the recipient's address. Raises Undeliverable."""
    if obstacle := KINDS[notice.kind].obstacle(notice):
        raise Undeliverable(obstacle)
    try:
        validate_email(notice.recipient_address)
    except ValidationError as error:
        raise Undeliverable(NO_ADDRESS) from error
    return notice.recipient_address


def _schedule_retry(notice: Notice, error: Exception) -> None:
    description = describe_error_anonymously(error)
    is_internal = not isinstance(error, OSError)
    log.warning("notice %d not sent, attempt %d: %s", notice.pk, notice.attempts, description, exc_info=is_internal)
    if notice.attempts > len(RETRY_DELAYS):
        _give_up(notice, description)
    else:
        _current_claim(notice).update(due_at=timezone.now() + RETRY_DELAYS[notice.attempts - 1], error=description)


def _give_up(notice: Notice, error: str) -> None:
    log.error("notice %d given up: %s", notice.pk, error)
    _end(notice, _current_claim(notice), state=Notice.State.FAILED, error=error)


def _end(notice: Notice, row: QuerySet[Notice], **result: Any) -> None:
    """Record the final result, unless the row was deleted or another worker claimed it, and tell the kind's owner."""
    with transaction.atomic():
        if row.update(**result):
            for name, value in result.items():
                setattr(notice, name, value)
            if kind := KINDS.get(notice.kind):
                kind.on_end(notice)


def _current_claim(notice: Notice) -> QuerySet[Notice]:
    """Return the row if this worker's claim is current; empty if the lease expired and the row was claimed again."""
    return Notice.objects.filter(pk=notice.pk, state=Notice.State.PENDING, attempts=notice.attempts)


def _close(connection: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError):  # it may be closed already
        connection.close()
