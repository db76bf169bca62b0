"""Where a customer's programs are told of what happens, and every telling of it (docs/webhooks.md)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account


class WebhookEndpoint(models.Model):
    """An address of the account that events are sent to, signed with a secret that both sides know."""

    class DisabledBecause(models.TextChoices):
        MEMBER = "member", _("switched off by a member")
        GONE = "gone", _("the receiver answered 410 Gone")

    account = models.ForeignKey(Account, models.CASCADE, related_name="webhook_endpoints", verbose_name=_("account"))
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=200, blank=True)
    event_types = models.JSONField(default=list, help_text=_("Empty for all, also those that come to be later."))
    secret = models.CharField(max_length=64, help_text=_("As it is: signing needs it."))
    retired_secrets = models.JSONField(
        default=list, help_text=_("Those before it that still sign: a secret, and until when in ISO 8601.")
    )
    disabled_because = models.CharField(max_length=16, choices=DisabledBecause, blank=True)
    created_at = models.DateTimeField(_("created at"))
    deleted_at = models.DateTimeField(
        null=True,
        help_text=_("The row goes a day later: until then a transaction may be about to write a delivery for it."),
    )
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row, of whatever is sent to it."))
    failing_since = models.DateTimeField(null=True, help_text=_("The first of these failures."))
    resume_at = models.DateTimeField(null=True, help_text=_("Nothing is sent to it before."))
    flagged_at = models.DateTimeField(null=True, help_text=_("When its people were told that it fails, once."))

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(failures=0, failing_since=None, resume_at=None, flagged_at=None)
                | Q(failures__gt=0, failing_since__isnull=False),
                name="webhook_failures_and_times_agree",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | ~Q(disabled_because=""), name="webhook_deleted_is_disabled"
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def enabled(self) -> bool:
        return not self.disabled_because

    def hears(self, event_type: str) -> bool:
        """Whether events of this type are for it."""
        return not self.event_types or event_type in self.event_types


class WebhookDelivery(models.Model):
    """One event for one endpoint: written with the change that it tells of, and sent by a task afterwards.

    The row is the truth and the broker is not. `body` is sent as it stands. Of one `subject`, a contract or an order,
    an endpoint is sent the next only after the one before was delivered or given up.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("To be sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    TEST = "endpoint.test"
    """The type of an event that a person asks for to try the endpoint: sent once, and not tried again."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False)
    event_id = models.CharField(max_length=40, help_text=_("The same for all endpoints that are sent the event."))
    type = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    body = models.TextField()
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    queued_at = models.DateTimeField(help_text=_("When it was written, or asked for again by a person."))
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["endpoint", "-created_at", "-id"], name="webhook_log"),
            models.Index(fields=["endpoint", "due_at", "id"], condition=Q(state="pending"), name="webhook_due_first"),
            models.Index(fields=["endpoint", "subject", "id"], condition=Q(state="pending"), name="webhook_in_order"),
            models.Index(fields=["created_at"], name="webhook_to_forget"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | Q(state__in=("pending", "failed"), delivered_at=None),
                name="webhook_state_and_time_agree",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id}: {self.type}"


class WebhookAttempt(models.Model):
    """One try of a delivery, and what came of it."""

    class Error(models.TextChoices):
        """Why there was no answer. One that is not 2xx is none of these."""

        ADDRESS = "address", _("Webhooks may not go to this address.")
        UNREACHABLE = "unreachable", _("Nobody could be reached there.")
        TLS = "tls", _("The certificate was refused, or TLS failed.")
        TIMEOUT = "timeout", _("There was no answer in time.")
        BROKEN = "broken", _("What came was no answer of HTTP.")

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=500, blank=True, help_text=_("How the body of the answer begins."))
    error = models.CharField(max_length=16, choices=Error, blank=True)

    class Meta:
        verbose_name = _("try of a webhook delivery")
        verbose_name_plural = _("tries of webhook deliveries")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status_code=None) ^ Q(error=""), name="webhook_attempt_has_status_or_error"
            )
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status_code or self.error}"
