"""Sending nothing from a restored copy until somebody says that it is the system from now on (docs/backup.md).

A drill runs the same code on the same rows as the real system, and its clock ends the same contracts: without a hold it
would write to real customers.
"""

import logging
from datetime import datetime

from django.utils.translation import gettext_noop

from emails.models import Notice
from jobs.models import SendingHold
from webhooks.models import WebhookDelivery
from common.transactions import in_transaction

log = logging.getLogger(__name__)

HELD_BACK = gettext_noop("It was held back in a restored copy.")


def held_since() -> datetime | None:
    """Since when nothing is sent; None where sending is free."""
    return SendingHold.objects.values_list("since", flat=True).first()


def sending_is_held() -> bool:
    """As `held_since`, for those who send: they say in the log why nothing leaves."""
    if since := held_since():
        log.warning("nothing is sent: held since %s; manage.py resume_sending ends it", since.isoformat())
    return since is not None


@in_transaction
def resume_sending(*, give_up: bool) -> tuple[int, int]:
    """End the hold; how many emails and webhooks wait, or were given up.

    With `give_up` what waits now is not sent by itself: staff and members find it in their logs and can ask for it.
    """
    SendingHold.objects.all().delete()
    emails = Notice.objects.filter(state=Notice.State.PENDING)
    webhooks = WebhookDelivery.objects.filter(state=WebhookDelivery.State.PENDING)
    if give_up:
        return (
            emails.update(state=Notice.State.FAILED, error=HELD_BACK),
            webhooks.update(state=WebhookDelivery.State.FAILED),
        )
    return emails.count(), webhooks.count()
