from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from contracts.models.contract import Contract


class Approval(models.Model):
    """A member's request that another member of the account approves a conversion, and the decision (R44).

    It is about one draft file: `draft_sha256`. An open request lapses when its draft is voided, becomes invalid or is
    converted without it.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Lapsed")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="approvals", verbose_name=_("contract"))
    status = FSMField(max_length=16, choices=Status.choices, default=Status.REQUESTED, protected=True)
    draft_sha256 = models.CharField(max_length=64)
    message = models.CharField(max_length=500, blank=True, help_text=_("From the requester to the approvers."))
    note = models.CharField(max_length=500, blank=True, help_text=_("From the approver."))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract"], condition=Q(status="requested"), name="one_requested_approval_a_contract"
            ),
            models.CheckConstraint(
                condition=Q(status="requested", decided_at=None, decided_by=None)
                | (
                    Q(status__in=("approved", "rejected", "withdrawn"))
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                )
                | Q(status="lapsed", decided_at__isnull=False),
                name="approval_status_and_times_agree",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("approved", "rejected"), decided_by=models.F("requested_by")),
                name="approval_not_by_its_requester",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.status}"

    def as_of(self, contract: Contract) -> "Approval":
        """Return the request in its current status, unsaved: it has lapsed if its contract became invalid (R21).

        `contract` has the annotations of `with_status_at`.
        """
        if self.status == self.Status.REQUESTED and contract.status_at == Contract.Status.INVALID:
            self.lapse(at=max(contract.invalid_since or self.requested_at, self.requested_at))
        return self

    @transition(status, source=Status.REQUESTED, target=Status.APPROVED)
    def approve(self, *, by_id: int, at: datetime, note: str) -> None:
        self.decided_by_id, self.decided_at, self.note = by_id, at, note

    @transition(status, source=Status.REQUESTED, target=Status.REJECTED)
    def reject(self, *, by_id: int, at: datetime, note: str) -> None:
        self.decided_by_id, self.decided_at, self.note = by_id, at, note

    @transition(status, source=Status.REQUESTED, target=Status.WITHDRAWN)
    def withdraw(self, *, by_id: int, at: datetime) -> None:
        self.decided_by_id, self.decided_at = by_id, at

    @transition(status, source=Status.REQUESTED, target=Status.LAPSED)
    def lapse(self, *, at: datetime) -> None:
        self.decided_at = at
