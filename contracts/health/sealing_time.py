"""Refuse to seal while the clock is wrong, since a seal records its time."""

from datetime import datetime

from django.db.models import Subquery
from django.utils.translation import gettext as _

from contracts.models import AuditEvent
from contracts.sealing import SealUnavailable
from jobs.models import ClockRun
from jobs.trusted_time import MAX_CLOCK_DIFFERENCE, UntrustedTime, get_verified_time


def latest_recorded_time() -> datetime | None:
    """Return the latest time recorded in the database, by any host's clock."""
    runs = ClockRun.objects.filter(job=ClockRun.Job.SETTLE).values("succeeded_at")
    newest = AuditEvent.objects.order_by("-pk").values_list("at", Subquery(runs)).first()  # one statement
    recorded = newest or (runs.values_list("succeeded_at", flat=True).first(),)
    return max((at for at in recorded if at), default=None)


def require_time_to_seal() -> None:
    """Raise SealUnavailable if a seal made now would record a wrong time.

    That is if this machine's clock differs from the database's, or is behind the latest recorded time.
    """
    try:
        now = get_verified_time().at
    except UntrustedTime as wrong:
        raise SealUnavailable(str(wrong)) from wrong
    recorded = latest_recorded_time()
    if recorded and now < recorded - MAX_CLOCK_DIFFERENCE:
        raise SealUnavailable(
            _("The clock shows %(now)s, but the latest record is from %(recorded)s: set the clock.")
            % {"now": f"{now:%Y-%m-%d %H:%M:%S%z}", "recorded": f"{recorded:%Y-%m-%d %H:%M:%S%z}"}
        )
