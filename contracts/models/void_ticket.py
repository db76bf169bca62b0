from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from contracts.models.contract import Contract


class VoidTicketQuerySet(models.QuerySet["VoidTicket"]):
    def with_status_at(self, now: datetime) -> "VoidTicketQuerySet":
        """Add `status_at`, the current status: an open ticket has lapsed once its contract is invalid (R5, R21)."""
        lapsed = Exists(Contract.objects.lapsed(now).filter(pk=OuterRef("contract")))
        held = When(Q(status="open") & lapsed, then=Value("lapsed"))
        status_at = Case(held, default=F("status"), output_field=models.CharField())
        return self.annotate(status_at=status_at)

    def shown_as(self, status: str, now: datetime) -> "VoidTicketQuerySet":
        """Return the tickets whose current status is `status`. Uses indexes, because few tickets are open."""
        known: models.QuerySet = VoidTicket.objects.with_status_at(now)
        open_now = known.filter(status="open", status_at=status)
        if status == VoidTicket.Status.OPEN:
            return self.filter(pk__in=open_now.values("pk"))
        if status == VoidTicket.Status.LAPSED:
            return self.filter(Q(status=status) | Q(pk__in=list(open_now.values_list("pk", flat=True))))
        return self.filter(status=status)

    def waiting(self, now: datetime) -> "VoidTicketQuerySet":
        """Return the tickets that wait for a decision of staff, oldest first."""
        waiting = self.with_status_at(now).filter(status="open", status_at="open")  # type: ignore[misc]  # annotated
        return waiting.order_by("opened_at", "pk")


class VoidTicket(models.Model):
    """A customer's request that staff void an official contract (R5)."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        LAPSED = "lapsed", _("Lapsed")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="void_tickets", verbose_name=_("contract"))
    status = FSMField(max_length=16, choices=Status.choices, default=Status.OPEN, protected=True)
    reason = models.CharField(max_length=500)
    note = models.CharField(max_length=500, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = VoidTicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("void ticket")
        verbose_name_plural = _("void tickets")
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(status="open"), name="ticket_waiting"),
            models.Index(fields=["decided_at"], condition=Q(decided_at__isnull=False), name="ticket_decided"),
            models.Index(fields=["-opened_at", "-id"], name="ticket_newest_of_all"),
            models.Index(fields=["status", "-opened_at", "-id"], name="ticket_newest_of_status"),
        ]
        ordering = ["-opened_at", "-pk"]
        permissions = [("decide_voidticket", "Can approve and reject void tickets")]
        constraints = [
            models.UniqueConstraint(fields=["contract"], condition=Q(status="open"), name="one_open_ticket_a_contract"),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None)
                | (Q(status__in=("approved", "rejected")) & Q(decided_at__isnull=False, decided_by__isnull=False))
                | Q(status="lapsed", decided_at__isnull=False),
                name="ticket_status_and_times_agree",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ticket_gives_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.status}"

    def as_of(self, contract: Contract) -> Self:
        """Return the ticket in its current status, unsaved: open tickets of invalid contracts have lapsed (R5, R21).

        `contract` has the annotations `status_at` and `invalid_since`.
        """
        if self.status == self.Status.OPEN and contract.status_at == Contract.Status.INVALID:
            self.lapse(at=max(contract.invalid_since or self.opened_at, self.opened_at))
        return self

    @transition(status, source=Status.OPEN, target=Status.APPROVED)
    def approve(self, *, by_id: int, at: datetime, note: str) -> None:
        self.decided_by_id, self.decided_at, self.note = by_id, at, note

    @transition(status, source=Status.OPEN, target=Status.REJECTED)
    def reject(self, *, by_id: int, at: datetime, note: str) -> None:
        self.decided_by_id, self.decided_at, self.note = by_id, at, note

    @transition(status, source=Status.OPEN, target=Status.LAPSED)
    def lapse(self, *, at: datetime) -> None:
        self.decided_at = at
