"""Sending nothing from a restored copy until somebody says that it is the system from now on (docs/backup.md).

A drill runs the same code on the same rows as the real system, and its clock ends the same contracts: without a hold it
would write to real customers.
"""

import logging
from datetime import datetime

from jobs.models import SendingHold

log = logging.getLogger(__name__)


def held_since() -> datetime | None:
    """Since when nothing is sent; None where sending is free."""
    return SendingHold.objects.values_list("since", flat=True).first()


def sending_is_held() -> bool:
    """As `held_since`, for those who send: they say in the log why nothing leaves."""
    if since := held_since():
        log.warning("nothing is sent: held since %s; manage.py resume_sending ends it", since.isoformat())
    return since is not None
