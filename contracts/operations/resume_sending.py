"""End the hold on sending, and send or give up waiting emails and webhooks (docs/backup.md)."""

from django.utils.translation import gettext_noop

from common.transactions import in_transaction
from emails.models import Notice
from jobs.models import SendingHold
from webhooks.models import WebhookDelivery

HELD_BACK = gettext_noop("It was held back in a restored copy.")


@in_transaction
def resume_sending(*, give_up: bool) -> tuple[int, int]:
    """End the hold. Return the number of emails and of webhooks that are pending, or that now failed.

    With `give_up`, waiting ones are not sent automatically; staff and members can resend them from their logs.
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
