from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.models.contract import Contract
from emails.models import Notice


class Delivery(models.Model):
    """The official document of a contract, sent to one address. The contract's timeline shows it.

    The email itself is a Notice, which is deleted after a time; its result stays here.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", pgettext_lazy("email", "Failed")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="deliveries", verbose_name=_("contract"))
    address = models.EmailField(_("address"), blank=True, help_text=_("Empty once erased."))
    notice = models.OneToOneField(Notice, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.WAITING)
    requested_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery by email")
        verbose_name_plural = _("deliveries by email")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None) | ~Q(state="waiting") & Q(ended_at__isnull=False),
                name="delivery_state_and_time_agree",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.state}"
