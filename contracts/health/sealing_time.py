"""Refuse to seal while the clock is wrong: a seal bears the time at which it was made."""

from datetime import datetime

from django.db.models import Subquery
from django.utils.translation import gettext as _

from contracts.models import AuditEvent
from contracts.sealing import SealUnavailable
from jobs.models import ClockRun
from jobs.trusted_time import MAX_CLOCK_DIFFERENCE, UntrustedTime, read_time


def latest_recorded_time() -> datetime | None:
    """The newest time in the rows of this system, by any of its hosts' clocks."""
    runs = ClockRun.objects.filter(job=ClockRun.Job.SETTLE).values("succeeded_at")
    newest = AuditEvent.objects.order_by("-pk").values_list("at", Subquery(runs)).first()  # one statement a conversion
    recorded = newest or (runs.values_list("succeeded_at", flat=True).first(),)
    return max((at for at in recorded if at), default=None)


def require_time_to_seal() -> None:
    """Raise SealUnavailable where a seal made now would bear a wrong time.

    That is where this machine's clock differs from the database's, or is behind what was recorded already.
    """
    try:
        now = read_time().at
    except UntrustedTime as wrong:
        raise SealUnavailable(str(wrong)) from wrong
    recorded = latest_recorded_time()
    if recorded and now < recorded - MAX_CLOCK_DIFFERENCE:
        raise SealUnavailable(
            _("The clock says %(now)s, but something was recorded at %(recorded)s already: set the clock.")
            % {"now": f"{now:%Y-%m-%d %H:%M:%S%z}", "recorded": f"{recorded:%Y-%m-%d %H:%M:%S%z}"}
        )
