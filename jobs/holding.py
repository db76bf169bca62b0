"""Hold emails and webhooks in a restored copy until an operator resumes sending (docs/backup.md).

A restore drill processes the same rows as the production system. Without the hold it would send to real customers.
"""

import logging
from datetime import datetime

from jobs.models import SendingHold

log = logging.getLogger(__name__)


def get_sending_hold_start() -> datetime | None:
    """Return when the hold began; None if sending is not held."""
    return SendingHold.objects.values_list("since", flat=True).first()


def is_sending_held() -> bool:
    """Return True if sending is held, and log a warning."""
    if since := get_sending_hold_start():
        log.warning("sending is held since %s; manage.py resume_sending ends the hold", since.isoformat())
    return since is not None
