from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.models.account import Account


class Proposal(models.Model):
    """An act that a staff member proposes, and that takes effect when another one confirms it (R45).

    It is bound to the state of its subject at that time. `changes` lists what changes: name, old and new value.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Rejected")
        LAPSED = "lapsed", _("Lapsed")

    act = models.CharField(_("act"), max_length=32, help_text=_("Name in accounts/four_eyes.py."))
    subject = models.CharField(max_length=64, help_text=_("Id or number of what the act is about."))
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("account"),
        help_text=_("If it is about one."),
    )
    values = models.JSONField(default=dict, help_text=_("Arguments of the act."))
    changes = models.JSONField(default=list)
    state_sha256 = models.CharField(max_length=64, help_text=_("Of the subject when it was proposed."))
    status = FSMField(_("status"), max_length=16, choices=Status.choices, default=Status.OPEN, protected=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-pk"]
        permissions = [("decide_proposal", "Can confirm and reject proposals of other staff")]
        indexes = [models.Index(fields=["id"], condition=Q(status="open"), name="proposal_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["act", "subject"], condition=Q(status="open"), name="one_open_proposal_a_subject"
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None, decided_by=None)
                | Q(status__in=("confirmed", "rejected", "lapsed"), decided_at__isnull=False),
                name="proposal_status_and_time_agree",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="proposal_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject}"

    @property
    def own_account(self) -> Account:
        """The account that the proposal is about. Raises ValueError if it is about none."""
        if self.account is None:
            raise ValueError(f"proposal {self.pk} is about no account")
        return self.account

    @transition(status, source=Status.OPEN, target=Status.CONFIRMED)
    def confirm(self, *, by_id: int, at: datetime) -> None:
        self.decided_by_id, self.decided_at = by_id, at

    @transition(status, source=Status.OPEN, target=Status.REJECTED)
    def reject(self, *, by_id: int, at: datetime, note: str) -> None:
        self.decided_by_id, self.decided_at, self.note = by_id, at, note

    @transition(status, source=Status.OPEN, target=Status.LAPSED)
    def lapse(self, *, at: datetime) -> None:
        self.decided_at = at

    @transition(status, source=Status.CONFIRMED, target=Status.OPEN)
    def reopen(self) -> None:
        """Undo a confirmation whose act failed."""
        self.decided_by_id, self.decided_at = None, None
