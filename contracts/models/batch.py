from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from contracts.models.contract import Contract

NAME_MAX_LENGTH = 16
TITLE_MAX_LENGTH = 255


class Batch(models.Model):
    """One action over several contracts of an account, or their drafting, which a worker performs one by one (R42)."""

    class Action(models.TextChoices):
        CONVERT = "convert", _("Convert")
        VOID = "void", _("Void")
        DRAFT = "draft", _("Create drafts")

    OF_CONTRACTS = (Action.CONVERT, Action.VOID)
    """Actions on contracts that exist."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("account"))
    action = models.CharField(_("action"), max_length=NAME_MAX_LENGTH, choices=Action)
    reason = models.CharField(max_length=500, blank=True, help_text=_("The reason for voiding drafts."))
    drafts = models.JSONField(
        default=dict, help_text=_("Fields of the drafts to create: type, language, po_number and remarks.")
    )
    deliver = models.BooleanField(
        null=True, help_text=_("Send the documents by email; empty for the account's setting.")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    source = models.CharField(max_length=NAME_MAX_LENGTH, help_text=_("Page or API."))
    language = models.CharField(max_length=8, help_text=_("Of the explanations of what failed."))
    requested_at = models.DateTimeField(_("requested at"))
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["account", "-id"], name="batch_newest_first"),
            models.Index(fields=["id"], condition=Q(finished_at=None), name="batch_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.action}"


class BatchItem(models.Model):
    """One contract of a batch, and its result. A draft that is still to be created has no contract yet."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", pgettext_lazy("batch", "Failed")

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items", db_index=False)
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="+")
    title = models.CharField(
        max_length=TITLE_MAX_LENGTH, blank=True, help_text=_("The product, month or cost centre of a draft to create.")
    )
    order_numbers = models.JSONField(default=list, help_text=_("The orders of a draft to create."))
    outcome = models.CharField(max_length=NAME_MAX_LENGTH, choices=Outcome, default=Outcome.WAITING)
    begun_at = models.DateTimeField(
        null=True,
        help_text=_("First attempt. If a worker was interrupted after it, the contract may already be changed."),
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    code = models.CharField(max_length=64, blank=True, help_text=_("Code of the refusal."))
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "contract"], name="contract_once_in_a_batch")]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.contract_id}"
