from typing import NoReturn

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.models.contract import Contract
from contracts.models.void_ticket import VoidTicket

COMMON_KINDS, COMMON_SOURCES = ("drafted", "converted"), ("page",)
"""Frequent values, which a scan from the newest event finds soon. Only the others have an index."""


class AppendOnly(models.QuerySet["AuditEvent"]):
    def update(self, **kwargs: object) -> NoReturn:
        raise TypeError("Audit events are never edited (R27).")

    def delete(self) -> NoReturn:
        raise TypeError("Audit events are never deleted (R27).")


class AuditEvent(models.Model):
    """One change of a contract or ticket: who (by id), when, what, from where. Never edited, no personal data (R27).

    A contract's events form a chain: each has the previous event's hash and a hash of its own content
    (contracts/trail/chain.py). contracts/trail/record.py writes them; the database refuses changes (trail/guards.py).
    """

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("Draft created")
        CONVERTED = "converted", _("Converted to official contract")
        VOIDED = "voided", _("Voided")
        INVALIDATED = "invalidated", _("Became invalid")
        REMARKS_EDITED = "remarks_edited", _("Remarks edited")
        APPROVAL_REQUESTED = "approval_requested", _("Approval requested")
        APPROVAL_APPROVED = "approval_approved", _("Conversion approved")
        APPROVAL_REJECTED = "approval_rejected", _("Conversion not approved")
        APPROVAL_WITHDRAWN = "approval_withdrawn", _("Request for approval withdrawn")
        APPROVAL_LAPSED = "approval_lapsed", _("Request for approval lapsed")
        TICKET_OPENED = "ticket_opened", _("Void requested")
        TICKET_APPROVED = "ticket_approved", _("Void request approved")
        TICKET_REJECTED = "ticket_rejected", _("Void request rejected")
        TICKET_LAPSED = "ticket_lapsed", _("Void request lapsed")

    contract = models.ForeignKey(
        Contract,
        models.PROTECT,
        related_name="events",
        verbose_name=_("contract"),
        db_index=False,  # the constraint on the position has one
    )
    position = models.PositiveIntegerField(_("position"), help_text=_("In the trail of the contract, from 1."))
    ticket = models.ForeignKey(VoidTicket, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    actor_id = models.BigIntegerField(_("user ID"), null=True, help_text=_("User id; empty for the clock."))
    source = models.CharField(_("source"), max_length=16)
    at = models.DateTimeField(_("time"))
    data = models.JSONField(default=dict, blank=True, help_text=_("Ids, hashes and figures only."))
    previous = models.CharField(_("previous hash"), max_length=64, blank=True, help_text=_("Empty for the first."))
    hash = models.CharField(_("hash"), max_length=64, help_text=_("SHA-256 of the whole event, in hexadecimal digits."))

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["contract", "position"], name="one_event_a_position")]
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_newest_first"),
            models.Index(
                fields=["actor_id", "-at", "-id"], condition=Q(actor_id__isnull=False), name="event_of_person"
            ),
            models.Index(fields=["kind", "-id"], condition=~Q(kind__in=COMMON_KINDS), name="event_of_rare_kind"),
            models.Index(
                fields=["source", "-id"], condition=~Q(source__in=COMMON_SOURCES), name="event_of_rare_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.kind}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("An audit event is never edited (R27).")
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("An audit event is never deleted (R27).")
