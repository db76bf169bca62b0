"""Sending the email notices that are due: at least once, by any number of workers at once.

A worker claims a batch in a short transaction, which counts the attempt and moves `due_at` ahead by LEASE; it sends
with no lock held, and records each notice at once. A worker killed in between leaves notices that come due again: the
one it had sent and not recorded is then sent a second time, under the same Message-ID.
"""

import contextlib
import logging
import smtplib
from collections.abc import Collection
from datetime import datetime, timedelta
from time import monotonic

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from billing.letters import message_of
from billing.models import Membership, Notice

log = logging.getLogger(__name__)

BATCH = 50
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]
"""After the first failure, the second, …; the one after the last is given up, three days after it was written."""
LEASE = timedelta(minutes=5)
"""How long a claimed notice is left to its worker."""
LONGEST = 120
"""Seconds after which a worker gives back what it has not sent: well within LEASE, as one email may take a minute."""

LEFT = gettext_noop("The recipient does not act for the account any more.")
INACTIVE = gettext_noop("The recipient's sign-in is closed.")
NO_ADDRESS = gettext_noop("The recipient has no email address.")
WRONG_ADDRESS = gettext_noop("The recipient's email address is not valid.")
NOT_WRITTEN = gettext_noop("The email could not be written: the log says why.")

Acting = dict[tuple[int, str], Membership]


def send_due(*, now: datetime, batch: int = BATCH) -> int:
    """Send up to `batch` notices that are due at `now` (aware); returns how many were claimed.

    A mail server's refusal puts off the one notice, a server that is not there puts off the batch; a notice that cannot
    be sent to its recipient, or not be written at all, is given up, and holds up no other.
    """
    started = monotonic()
    connection = get_connection()
    claimed = _claim(now=now, most=batch)
    acting = _acting(claimed)
    for place, notice in enumerate(claimed):
        if monotonic() - started > LONGEST:
            _give_back(claimed[place:], now=now)
            break
        message = _written(notice, acting)
        if message is None:
            continue
        try:
            connection.open()
        except OSError as error:
            _close(connection)
            for waiting in claimed[place:]:
                _put_off(waiting, error, now=now)
            break
        _send(notice, message, connection, now=now)
    _close(connection)
    return len(claimed)


def _claim(*, now: datetime, most: int) -> list[Notice]:
    with transaction.atomic(durable=True):  # or the locks would outlast it
        due = Notice.objects.select_for_update(skip_locked=True).filter(state=Notice.State.PENDING, due_at__lte=now)
        claimed = list(due.order_by("due_at", "pk")[:most])
        _among(claimed).update(attempts=F("attempts") + 1, due_at=now + LEASE)
    for notice in claimed:
        notice.attempts += 1
    return claimed


def _give_back(notices: Collection[Notice], *, now: datetime) -> None:
    _among(notices).update(attempts=F("attempts") - 1, due_at=now)


def _among(notices: Collection[Notice]) -> QuerySet[Notice]:
    return Notice.objects.filter(pk__in=[notice.pk for notice in notices], state=Notice.State.PENDING)


def _acting(notices: Collection[Notice]) -> Acting:
    """Those of the recipients who act for the account that their notice is about, by user and account number."""
    memberships = Membership.objects.exclude(role=Membership.Role.VIEWER).select_related("user", "account")
    found = memberships.filter(
        user__in={notice.user_id for notice in notices},
        account__number__in={notice.facts.get("account") for notice in notices},
    )
    return {(membership.user_id, membership.account.number): membership for membership in found}


def _written(notice: Notice, acting: Acting) -> EmailMultiAlternatives | None:
    """The email, or None where there can be none, and the notice was given up."""
    membership = acting.get((notice.user_id, notice.facts.get("account", "")))
    obstacle = _obstacle(membership)
    if obstacle or membership is None:
        _give_up(notice, obstacle)
        return None
    try:
        message = message_of(notice, membership.account, address=membership.user.email)
        message.message()  # its headers too
    except Exception:  # a fault in the words of one kind must not hold up the others
        log.exception("notice %d cannot be written", notice.pk)
        _give_up(notice, NOT_WRITTEN)
        return None
    return message


def _obstacle(membership: Membership | None) -> str:
    """Why nothing can be sent to this recipient, if so."""
    if membership is None:
        return LEFT
    if not membership.user.is_active:
        return INACTIVE
    if not membership.user.email:
        return NO_ADDRESS
    try:
        validate_email(membership.user.email)
    except ValidationError:
        return WRONG_ADDRESS
    return ""


def _send(notice: Notice, message: EmailMultiAlternatives, connection: BaseEmailBackend, *, now: datetime) -> None:
    try:
        connection.send_messages([message])
    except OSError as error:  # those of smtplib are of this kind too
        _close(connection)  # the next begins on a fresh one
        _put_off(notice, error, now=now)
    else:
        Notice.objects.filter(pk=notice.pk).update(state=Notice.State.SENT, sent_at=now, error="")


def _put_off(notice: Notice, error: OSError, *, now: datetime) -> None:
    """Unless another worker has taken it over: this one was then slower than its lease."""
    told = told_without_addresses(error)
    log.warning("notice %d not sent, attempt %d: %s", notice.pk, notice.attempts, told)
    if notice.attempts > len(WAITS):
        _give_up(notice, told)
    else:
        _mine(notice).update(due_at=now + WAITS[notice.attempts - 1], error=told)


def _give_up(notice: Notice, error: str) -> None:
    log.error("notice %d given up: %s", notice.pk, error)
    _mine(notice).update(state=Notice.State.FAILED, error=error)


def _mine(notice: Notice) -> QuerySet[Notice]:
    return Notice.objects.filter(pk=notice.pk, state=Notice.State.PENDING, attempts=notice.attempts)


def told_without_addresses(error: OSError) -> str:
    """The kind of failure and the server's code. What servers say in words may name people, and the row is kept."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return " ".join([name, *(str(code) for code, _said in error.recipients.values())])
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} {error.smtp_code}"
    return f"{name}: {error}"[:500]


def _close(connection: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError):  # it is gone already
        connection.close()
