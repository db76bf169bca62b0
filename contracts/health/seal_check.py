"""The seal is checked at the start of a worker and once a day; what was found is kept for staff and for /readyz."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone, translation

from contracts.health.sealing_time import latest_recorded_time
from contracts.models import SealCheck
from contracts.sealing import SealServerFailed
from contracts.sealing.canary import EXPIRY_NOTICE, Examination, Weight, examine

EVERY = timedelta(days=1)
AGAIN = timedelta(minutes=1)
"""After a check that found it broken: /readyz says soon that the seal works again."""

LOUDNESS = {Weight.SOUND: logging.INFO, Weight.WARNING: logging.WARNING, Weight.BROKEN: logging.ERROR}

log = logging.getLogger(__name__)


def check_the_seal(*, now: datetime) -> Examination:
    """Examine the seal at `now` (aware) and keep what was found. Raises nothing but the database's errors."""
    with translation.override("en"):  # the row is read by whoever comes
        examination = examine(recorded_at=latest_recorded_time())
    found = {
        "checked_at": now,
        "broken": examination.broken,
        "warnings": examination.warnings,
        "expires_at": examination.expires_at,
    }
    SealCheck.objects.update_or_create(id=1, defaults=found)
    return examination


def check_and_log(*, now: datetime) -> None:
    """check_the_seal, told to the log."""
    for finding in check_the_seal(now=now).findings:
        log.log(LOUDNESS[finding.weight], "contract seal: %s", finding.sentence)


@contextmanager
def server_failures_recorded() -> Iterator[None]:
    """Record at once that a server which the seal needs failed in the block, which is outside any transaction.

    /readyz and staff see it before the next check, which takes it back when the server works again.
    """
    try:
        yield
    except SealServerFailed as failure:
        SealCheck.objects.filter(id=1).update(checked_at=timezone.now(), broken=[failure.detail])
        raise


def is_due(*, now: datetime) -> bool:
    """At once too where the last check seems to be still to come: a clock was ahead."""
    last = SealCheck.objects.first()
    return last is None or abs(now - last.checked_at) >= (AGAIN if last.broken else EVERY)


def require_sound() -> None:
    """Raises RuntimeError with the sentences of the last check, if it found the seal broken."""
    last = SealCheck.objects.first()
    if last and last.broken:
        raise RuntimeError(f"the seal's check at {last.checked_at} found: {' '.join(last.broken)}")


def seal_facts(*, now: datetime) -> dict[str, object]:
    """What staff are told: the last check, None before the first, and the days left where the certificate ends soon.

    The days are below 0 once it has ended.
    """
    last = SealCheck.objects.first()
    left = last.expires_at - now if last and last.expires_at else None
    soon = left is not None and left <= EXPIRY_NOTICE
    return {"check": last, "days_left": left.days if left is not None and soon else None}
