"""The feed of events, and webhook endpoints, deliveries and attempts (docs/webhooks.md)."""

from datetime import datetime
from functools import cached_property

from django.db import models
from django.db.models import Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from webhooks.event_types import get_types_of_scopes


class FeedEvent(models.Model):
    """An event for readers of the feed, created with the change that it reports.

    `number` is given after the commit (`feed`): in the order of `id`, a reader could see a later event first and never
    come back for the earlier one.
    """

    number = models.BigIntegerField(null=True, unique=True, help_text=_("Position in the feed."))
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False, verbose_name=_("account"))
    event_id = models.CharField(max_length=40, help_text=_("The `webhook-id` of its deliveries."))
    type = models.CharField(_("event type"), max_length=32)
    body = models.TextField()
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["account", "number"], name="feed_of_account"),
            models.Index(fields=["id"], condition=Q(number=None), name="feed_without_number"),
            models.Index(fields=["created_at"], name="feed_to_forget"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.type}"


class FeedState(models.Model):
    """The one row that is locked while events get their numbers."""

    last_number = models.BigIntegerField(default=0, help_text=_("The last number given."))
    deleted_number = models.BigIntegerField(default=0, help_text=_("The last number whose event was deleted."))

    class Meta:
        verbose_name = _("state of the feed")
        verbose_name_plural = _("states of the feed")

    def __str__(self) -> str:
        return str(self.last_number)


class WebhookEndpoint(models.Model):
    """A URL that receives events, signed with a shared secret: of its account, or of all accounts for an integrator."""

    class DisabledBecause(models.TextChoices):
        MEMBER = "member", _("disabled by a member")
        GONE = "gone", _("the receiver responded with 410 Gone")

    account = models.ForeignKey(
        Account, models.CASCADE, null=True, related_name="webhook_endpoints", verbose_name=_("account")
    )
    scopes = models.CharField(
        _("integrator scopes"),
        max_length=64,
        blank=True,
        help_text=_("For events of all accounts, separated by spaces. Empty for an account's endpoint."),
    )
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=200, blank=True)
    event_types = models.JSONField(default=list, help_text=_("Empty for all types, including future ones."))
    secret = models.CharField(max_length=64, help_text=_("Stored unhashed, because signing needs it."))
    retired_secrets = models.JSONField(
        default=list, help_text=_("Previous secrets that still sign, each with its end time in ISO 8601.")
    )
    disabled_because = models.CharField(max_length=16, choices=DisabledBecause, blank=True)
    disabled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created at"))
    deleted_at = models.DateTimeField(
        null=True,
        help_text=_("The row is deleted a day later, because a running transaction may still create a delivery."),
    )
    last_success_at = models.DateTimeField(null=True, help_text=_("When it last accepted an event."))
    failures = models.PositiveIntegerField(default=0, help_text=_("Consecutive failed attempts."))
    failing_since = models.DateTimeField(null=True, help_text=_("Time of the first of these failures."))
    resume_at = models.DateTimeField(null=True, help_text=_("Nothing is sent before this time."))
    flagged_at = models.DateTimeField(null=True, help_text=_("When the members were notified that it is failing."))

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
                condition=Q(disabled_because="", disabled_at=None)
                | (~Q(disabled_because="") & Q(disabled_at__isnull=False)),
                name="webhook_disabled_with_time",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | ~Q(disabled_because=""), name="webhook_deleted_is_disabled"
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False, scopes="") | (Q(account=None) & ~Q(scopes="")),
                name="webhook_account_or_scopes",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def enabled(self) -> bool:
        return not self.disabled_because

    def is_subscribed_to(self, event_type: str) -> bool:
        if self.scopes and event_type not in get_types_of_scopes(self.scopes.split()):
            return False
        return not self.event_types or event_type in self.event_types


class WebhookDeliveryQuerySet(QuerySet["WebhookDelivery"]):
    def with_earlier_due_at(self) -> "WebhookDeliveryQuerySet":
        """Annotate what `next_attempt_at` needs, so that a list takes no statement for each row."""
        earlier = WebhookDelivery.objects.filter(
            state=WebhookDelivery.State.PENDING,
            endpoint=OuterRef("endpoint"),
            subject=OuterRef("subject"),
            pk__lt=OuterRef("pk"),
        )
        latest = earlier.order_by().values("subject").annotate(latest=Max("due_at")).values("latest")
        return self.annotate(earlier_due_at=Subquery(latest))

    def with_recent_tries(self) -> "WebhookDeliveryQuerySet":
        newest = WebhookAttempt.objects.order_by("-pk")[: WebhookDelivery.MAX_TRIES]
        return self.prefetch_related(Prefetch("tries", newest, to_attr="newest_tries"))


class WebhookDelivery(models.Model):
    """One event for one endpoint, created with the change that it reports and sent by a task.

    The queue is this table, not the broker. `body` is sent unchanged. Events about the same `subject` are sent to an
    endpoint in order: the next one only after the previous one was delivered or has failed.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    MAX_TRIES = 50
    """Attempts that are shown. A person may resend a delivery many times."""
    TEST = "endpoint.test"
    """Type of the test event that a person sends to check the endpoint. It is never retried."""

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("webhook endpoint")
    )
    event_id = models.CharField(max_length=40, help_text=_("The same for all endpoints that receive the event."))
    type = models.CharField(_("event type"), max_length=32)
    subject = models.CharField(_("subject"), max_length=64)
    body = models.TextField()
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField()
    queued_at = models.DateTimeField(help_text=_("When it was created or last resent by a person."))
    created_at = models.DateTimeField(_("created at"))
    delivered_at = models.DateTimeField(_("delivered at"), null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["endpoint", "-created_at", "-id"], name="webhook_log"),
            models.Index(fields=["endpoint", "due_at", "id"], condition=Q(state="pending"), name="webhook_due_first"),
            models.Index(fields=["endpoint", "subject", "id"], condition=Q(state="pending"), name="webhook_in_order"),
            models.Index(fields=["subject"], name="webhook_of_subject"),
            models.Index(fields=["created_at"], name="webhook_to_forget"),
            models.Index(fields=["-id"], condition=Q(state="failed"), name="webhook_given_up"),
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

    @property
    def recent_tries(self) -> "list[WebhookAttempt]":
        """The newest MAX_TRIES attempts, oldest first; prefetched by `with_recent_tries`."""
        newest = getattr(self, "newest_tries", None)
        return list(reversed(self.tries.order_by("-pk")[: self.MAX_TRIES] if newest is None else newest))

    @cached_property
    def earlier_due_at(self) -> datetime | None:
        """When the last of the earlier pending deliveries of the subject is due, for which this one waits."""
        earlier = WebhookDelivery.objects.filter(state=self.State.PENDING, endpoint=self.endpoint_id, pk__lt=self.pk)
        latest: datetime | None = earlier.filter(subject=self.subject).aggregate(latest=Max("due_at"))["latest"]
        return latest

    @property
    def next_attempt_at(self) -> datetime | None:
        """When it is sent next, at the earliest; None if it is not pending or its endpoint is disabled.

        While it is being sent, this is when it is sent again if the worker is killed.
        """
        if self.state != self.State.PENDING or not self.endpoint.enabled:
            return None
        return max(filter(None, (self.due_at, self.endpoint.resume_at, self.earlier_due_at)))


class WebhookAttempt(models.Model):
    """One attempt of a delivery and its result."""

    class Error(models.TextChoices):
        """Why there was no response. A status other than 2xx is not an error of this kind."""

        ADDRESS = "address", _("Webhooks cannot be sent to this address.")
        UNREACHABLE = "unreachable", _("The server could not be reached.")
        TLS = "tls", _("TLS failed or the certificate is not valid.")
        TIMEOUT = "timeout", _("There was no response in time.")
        BROKEN = "broken", _("The response was not valid HTTP.")

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=500, blank=True, help_text=_("Beginning of the response body."))
    error = models.CharField(max_length=16, choices=Error, blank=True)

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status_code=None) ^ Q(error=""), name="webhook_attempt_has_status_or_error"
            )
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status_code or self.error}"
