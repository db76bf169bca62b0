"""Checks of the seal: when a worker starts and once a day. Staff and /readyz read the stored result."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone, translation

from accounts.access.actors import CLOCK, Actor
from accounts.models import Account, Issuer
from contracts.health.evidence_health import evidence_warnings
from contracts.health.sealing_time import latest_recorded_time
from contracts.models import SealCheck
from contracts.seal_uses import Purpose, record_seal_uses
from contracts.sealing import SealServerFailed
from contracts.sealing.canary import (
    CERTIFICATE_EXPIRY_NOTICE,
    Examination,
    SealCheckItem,
    Severity,
    examine,
    examine_seal_of_test_accounts,
)

CHECK_INTERVAL = timedelta(days=1)
RETRY_INTERVAL = timedelta(minutes=1)
"""Interval after a failed check, so that /readyz soon reports that the seal works again."""

LOG_LEVELS = {Severity.SOUND: logging.INFO, Severity.WARNING: logging.WARNING, Severity.BROKEN: logging.ERROR}

log = logging.getLogger(__name__)


def check_the_seal(*, now: datetime, by: Actor = CLOCK) -> Examination:
    """Examine the seal and the daily lists at `now` (aware) and store the result. Raises database errors only."""
    with translation.override("en"):  # stored once for readers of all languages
        issuer = Issuer.objects.in_force()
        with record_seal_uses(Purpose.CHECK, by=by):
            examination = examine(recorded_at=latest_recorded_time(), issuer_name=issuer.name if issuer else "")
            tests = examine_seal_of_test_accounts() if Account.objects.filter(is_test=True).exists() else ()
        lists = [SealCheckItem(Severity.WARNING, sentence) for sentence in evidence_warnings(now=now)]
    examination = replace(examination, items=(*examination.items, *tests, *lists))
    found = {
        "checked_at": now,
        "broken": examination.broken,
        "warnings": examination.warnings,
        "expires_at": examination.expires_at,
    }
    SealCheck.objects.update_or_create(id=1, defaults=found)
    return examination


def check_and_log(*, now: datetime) -> None:
    """Check the seal, store the result and log each finding."""
    for item in check_the_seal(now=now).items:
        log.log(LOG_LEVELS[item.severity], "contract seal: %s", item.sentence)


@contextmanager
def server_failures_recorded() -> Iterator[None]:
    """Record a failure of a server that the seal needs, as soon as it happens. Use it outside transactions.

    /readyz and staff see it before the next check, which clears it once the server works again.
    """
    try:
        yield
    except SealServerFailed as failure:
        SealCheck.objects.filter(id=1).update(checked_at=timezone.now(), broken=[failure.detail])
        raise


def is_due(*, now: datetime) -> bool:
    """Return True if a check is due, or if the last one is in the future because a clock was ahead."""
    last = SealCheck.objects.first()
    return last is None or abs(now - last.checked_at) >= (RETRY_INTERVAL if last.broken else CHECK_INTERVAL)


def require_sound() -> None:
    """Raise RuntimeError with the findings of the last check if the seal was broken."""
    last = SealCheck.objects.first()
    if last and last.broken:
        raise RuntimeError(f"the seal's check at {last.checked_at} found: {' '.join(last.broken)}")


def seal_facts(*, now: datetime) -> dict[str, object]:
    """Return template context: the last check, or None, and the days left if the certificate expires soon.

    The days are negative once it has expired.
    """
    last = SealCheck.objects.first()
    left = last.expires_at - now if last and last.expires_at else None
    soon = left is not None and left <= CERTIFICATE_EXPIRY_NOTICE
    return {"check": last, "days_left": left.days if left is not None and soon else None}
