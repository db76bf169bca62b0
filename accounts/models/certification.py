from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.models.account import Account
from common.text_fields import IdentifierField, LineField


class CertificationRequest(models.Model):
    """A customer's request for certification under a name, decided by staff (R11).

    A certification that an integrator or a command records, because the customer was verified elsewhere, is approved
    from the start and has no scan (R49).
    """

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("Enterprise certification")
        PERSONAL = "personal", _("Personal certification")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="certification_requests", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = LineField(_("name"), max_length=200)
    credit_code = IdentifierField(max_length=18, blank=True, help_text=_("Code of a company (GB 32100-2015)."))
    licence = models.FileField(upload_to="licences/", max_length=200)
    status = FSMField(_("status"), max_length=16, choices=Status.choices, default=Status.PENDING, protected=True)
    note = models.CharField(max_length=500, blank=True)
    is_verified_elsewhere = models.BooleanField(_("verified elsewhere"), default=False, db_default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text=_("Empty for commands.")
    )
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("certification request")
        verbose_name_plural = _("certification requests")
        permissions = [("decide_certificationrequest", "Can approve and reject certification requests")]
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(status="pending"), name="certification_waiting"),
            models.Index(fields=["credit_code", "-id"], name="certification_by_credit_code"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(status="pending"), name="one_pending_certification_request"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", decided_at=None)
                | (Q(status__in=("approved", "rejected")) & Q(decided_at__isnull=False)),
                name="certification_status_and_times_agree",
            ),
            models.CheckConstraint(
                condition=Q(kind="personal", credit_code="")
                | (Q(kind="enterprise") & (~Q(credit_code="") | Q(is_verified_elsewhere=True))),
                name="enterprise_has_credit_code",
            ),
            models.CheckConstraint(
                condition=Q(is_verified_elsewhere=True, status="approved")
                | Q(is_verified_elsewhere=False, requested_by__isnull=False),
                name="certification_request_has_requester",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.number}: {self.name}"

    @transition(status, source=Status.PENDING, target=Status.APPROVED)
    def approve(self, *, by_id: int, at: datetime, note: str) -> None:
        self.decided_by_id, self.decided_at, self.note = by_id, at, note

    @transition(status, source=Status.PENDING, target=Status.REJECTED)
    def reject(self, *, by_id: int, at: datetime, note: str) -> None:
        self.decided_by_id, self.decided_at, self.note = by_id, at, note
