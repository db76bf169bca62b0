import zoneinfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """An email to one person, created in the transaction of the change it reports and sent by a task.

    The queue is this table, not the broker: a lost message, a stopped worker or a failing mail server only delays the
    email. Its text (from its kind, emails/kinds.py, and `facts`) and its address are determined when it is sent.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", verbose_name=_("recipient")
    )
    address = models.EmailField(
        _("address"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Of a recipient who is no user; users have their own."),
    )
    kind = models.CharField(_("kind"), max_length=32)
    reference = models.CharField(
        _("reference"), max_length=64, blank=True, help_text=_("For staff searches, such as an account number.")
    )
    time_zone = models.CharField(
        max_length=64, default="Asia/Shanghai", help_text=_("Time zone of the times in the text.")
    )
    facts = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"))
    created_at = models.DateTimeField(_("created at"))
    sent_at = models.DateTimeField(_("sent at"), null=True)
    error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        ordering = ["-pk"]
        permissions = [("send_notice_again", "Can resend emails that could not be delivered")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="notice_due"),
            models.Index(fields=["-id"], condition=Q(state="failed"), name="notice_given_up"),
            models.Index(fields=["reference", "-id"], name="notice_by_reference"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) & ~Q(address="") | Q(user__isnull=False, address=""),
                name="notice_has_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (Q(state__in=("pending", "failed"), sent_at=None)),
                name="notice_state_and_time_agree",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.user_id or self.address}"

    @property
    def person(self) -> User:
        """The recipient of an email to a user. Raises ValueError for an email to an address."""
        if self.user is None:
            raise ValueError(f"email {self.pk} goes to an address")
        return self.user

    @property
    def recipient_address(self) -> str:
        """The address that the email goes to now; may be empty or invalid."""
        return self.user.email if self.user else self.address

    @property
    def tzinfo(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)
