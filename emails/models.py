from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account


class Notice(models.Model):
    """An email to one person, about an account or how they sign in: written with what it tells of, sent by a task.

    The row is the truth and the broker is not: a lost message, a stopped worker or a failing mail server delays it. The
    text comes from the template of its kind and `facts`, the address from the user, both when it is sent.
    """

    class Kind(models.TextChoices):
        TICKET_OPENED = "ticket_opened", _("Void requested")
        TICKET_APPROVED = "ticket_approved", _("Void request approved")
        TICKET_REJECTED = "ticket_rejected", _("Void request rejected")
        CONTRACT_INVALID = "contract_invalid", _("Contract became invalid")
        CONTRACT_ENDS = "contract_ends", _("Contract ends soon")
        DRAFT_WAITS = "draft_waits", _("Draft waits")
        CERTIFICATION_APPROVED = "certification_approved", _("Certification approved")
        CERTIFICATION_REJECTED = "certification_rejected", _("Certification rejected")
        WEBHOOK_FAILING = "webhook_failing", _("Webhook endpoint fails")
        WEBHOOK_GONE = "webhook_gone", _("Webhook endpoint switched off")
        PASSWORD_LINK = "password_link", _("Link for a new password")
        PASSWORD_CHANGED = "password_changed", _("Password changed")

    OF_PASSWORDS = (Kind.PASSWORD_LINK, Kind.PASSWORD_CHANGED)

    class State(models.TextChoices):
        PENDING = "pending", _("To be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    account = models.ForeignKey(
        Account,
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("account"),
        help_text=_("None for emails about the person's own sign-in."),
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("recipient"))
    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    facts = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"))
    created_at = models.DateTimeField(_("written at"))
    sent_at = models.DateTimeField(_("sent at"), null=True)
    error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("email notice")
        verbose_name_plural = _("email notices")
        ordering = ["-pk"]
        permissions = [("send_notice_again", "Can send email notices again that were given up")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="notice_due"),
            models.Index(fields=["-id"], condition=Q(state="failed"), name="notice_given_up"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None, kind__in=("password_link", "password_changed"))
                | (Q(account__isnull=False) & ~Q(kind__in=("password_link", "password_changed"))),
                name="notice_kind_and_account_agree",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (Q(state__in=("pending", "failed"), sent_at=None)),
                name="notice_state_and_time_agree",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.user_id}"
