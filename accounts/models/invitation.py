import uuid
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.models.account import Account, Membership

INVITATION_TTL = timedelta(days=7)


def digest_secret(secret: str) -> str:
    """Return the SHA-256 of a link's secret, in hex: what is stored of it."""
    return sha256(secret.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open_at(self, now: datetime) -> "InvitationQuerySet":
        """Return the invitations that can be accepted at `now` (aware)."""
        return self.filter(status=Invitation.Status.OPEN, expires_at__gt=now)


class Invitation(models.Model):
    """An owner's invitation of an email address to the account (R49).

    Its link works until INVITATION_TTL after it was last sent, and once. The secret in the link is derived from
    SECRET_KEY when the email is sent, so the database never contains it, but only its SHA-256.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="invitations", verbose_name=_("account"))
    email = models.EmailField(_("email"), max_length=254)
    role = models.CharField(_("role"), max_length=16, choices=Membership.Role)
    status = FSMField(_("status"), max_length=16, choices=Status.choices, default=Status.OPEN, protected=True)
    links_sent = models.PositiveSmallIntegerField(default=0, help_text=_("Only the last link works."))
    link_digest = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of the link's secret."))
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text=_("When it was accepted or withdrawn."))

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["invited_at", "pk"]
        indexes = [models.Index(fields=["expires_at"], name="invitation_by_end")]
        constraints = [
            models.UniqueConstraint(
                "account", Lower("email"), condition=Q(status="open"), name="one_open_invitation_an_address"
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None)
                | Q(status__in=("accepted", "withdrawn")) & Q(ended_at__isnull=False),
                name="invitation_status_and_time_agree",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.number}: {self.role}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def derive_secret(self) -> str:
        """Return the secret of the last link, 64 hexadecimal digits."""
        return salted_hmac("accounts.invitation", f"{self.pk}:{self.links_sent}", algorithm="sha256").hexdigest()

    def renew_link(self, *, at: datetime) -> None:
        """Replace the link: earlier ones stop working. `at` is aware."""
        self.links_sent += 1
        self.link_digest = digest_secret(self.derive_secret())
        self.sent_at, self.expires_at = at, at + INVITATION_TTL

    @transition(status, source=Status.OPEN, target=Status.ACCEPTED)
    def accept(self, *, at: datetime) -> None:
        self.ended_at = at

    @transition(status, source=Status.OPEN, target=Status.WITHDRAWN)
    def withdraw(self, *, at: datetime) -> None:
        self.ended_at = at
