"""Who the parties are, and the money between them."""

import zoneinfo
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from billing.errors import Refused


def validate_time_zone(value: str) -> None:
    """`value` is a name of the IANA time zone database. Raises ValidationError."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("%(value)s is not a known time zone."), params={"value": value})


class Account(models.Model):
    """The customer: Party A of every contract it applies for."""

    class Certification(models.TextChoices):
        NONE = "none", _("Not certified")
        PERSONAL = "personal", _("Personal certification")
        ENTERPRISE = "enterprise", _("Enterprise certification")

    number = models.CharField(max_length=32, unique=True)
    certification = models.CharField(max_length=16, choices=Certification, default=Certification.NONE)
    certified_name = models.CharField(max_length=200, blank=True)
    credit_code = models.CharField(max_length=18, blank=True)
    currency = models.CharField(max_length=3, default="CNY", help_text=_("Of the ledger, ISO 4217."))
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai", validators=[validate_time_zone])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(certification="none", certified_name="")
                | (~Q(certification="none") & ~Q(certified_name="")),
                name="certified_account_has_certified_name",
            ),
            models.CheckConstraint(
                condition=Q(certification__in=("none", "personal", "enterprise")), name="account_certification_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.certified_name}".strip()

    @property
    def tzinfo(self) -> zoneinfo.ZoneInfo:
        """The zone in which this customer reads dates (R9)."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def balance(self) -> Decimal:
        """The sum of the ledger, in `currency`."""
        return self.ledger.aggregate(total=Sum("amount"))["total"] or Decimal("0.00")


class CertificationRequest(models.Model):
    """A customer's request to be certified under a name, reviewed by staff (R11)."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("Enterprise certification")
        PERSONAL = "personal", _("Personal certification")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for review")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    account = models.ForeignKey(Account, models.PROTECT, related_name="certification_requests")
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=200)
    credit_code = models.CharField(max_length=18, blank=True, help_text=_("Of a company: GB 32100-2015."))
    licence = models.FileField(upload_to="licences/", max_length=200)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    note = models.CharField(max_length=500, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
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
                condition=Q(kind="personal", credit_code="") | (Q(kind="enterprise") & ~Q(credit_code="")),
                name="enterprise_has_credit_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.number}: {self.name}"


class Membership(models.Model):
    """What a user may do for an account (R26)."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        FINANCE = "finance", _("Finance")
        VIEWER = "viewer", _("Viewer")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="one_membership_an_account"),
            models.CheckConstraint(condition=Q(role__in=("owner", "finance", "viewer")), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.account.number} · {self.role}"

    @property
    def may_act(self) -> bool:
        """Apply, convert, void, ask for a void. Viewers only read (R26)."""
        return self.role in (self.Role.OWNER, self.Role.FINANCE)


class PartyDetails(models.Model):
    """What a contract says of a party besides its name (R12)."""

    address = models.CharField(_("Address"), max_length=200)
    contact = models.CharField(_("Contact"), max_length=100)
    phone = models.CharField(_("Phone"), max_length=40)
    email = models.EmailField(_("Email"), max_length=200)
    bank = models.CharField(_("Bank"), max_length=200, blank=True)
    bank_account = models.CharField(_("Bank account"), max_length=64, blank=True)
    tax_number = models.CharField(_("Tax number"), max_length=64, blank=True)

    class Meta:
        abstract = True

    DETAILS = ("address", "contact", "phone", "email", "bank", "bank_account", "tax_number")

    def details(self) -> dict[str, str]:
        """The seven details by name; an optional one that was not given is an empty string."""
        return {name: getattr(self, name) for name in self.DETAILS}


class PartyProfile(PartyDetails):
    """Party A's details as last given: they prefill the next contract (R12)."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="profile")

    def __str__(self) -> str:
        return f"{self.account.number}: {self.contact}"


class IssuerQuerySet(models.QuerySet["Issuer"]):
    def current(self) -> "Issuer":
        """The selling company, Party B. Raises Refused `issuer_missing` where none is set up."""
        issuer = self.order_by("pk").last()
        if issuer is None:
            raise Refused(
                "issuer_missing", gettext("The selling company is not set up yet. Its staff do that in the admin.")
            )
        return issuer


class Issuer(PartyDetails):
    """The selling company: Party B of every contract, and its general bank account (R13)."""

    name = models.CharField(max_length=200)
    payee = models.CharField(max_length=200, help_text=_("Holder of the general bank account."))
    payee_bank = models.CharField(max_length=200)
    payee_account = models.CharField(max_length=64)

    objects = IssuerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class RemittanceAccount(models.Model):
    """A bank account number reserved for one customer: what arrives there is theirs (R13)."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="remittance_account")
    payee = models.CharField(max_length=200)
    bank = models.CharField(max_length=200)
    account_number = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.account.number}: {self.account_number}"


class LedgerEntry(models.Model):
    """One movement of an account's balance, in the account's currency. Corrected by a counter-entry only."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="ledger")
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text=_("Positive: money received."))
    bank_reference = models.CharField(max_length=64, blank=True)
    order_number = models.CharField(max_length=64, blank=True, help_text=_("Of the order that it paid."))
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    booked_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_entry_moves_something"),
            models.UniqueConstraint(
                fields=["bank_reference"],
                condition=~Q(bank_reference="") & Q(reverses=None),
                name="bank_reference_booked_once",
            ),
            models.UniqueConstraint(
                fields=["order_number"],
                condition=~Q(order_number="") & Q(reverses=None),
                name="order_paid_from_balance_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.number}: {self.amount}"


class ApiToken(AbstractAuthToken):
    """A hashed token that acts for one member of one account, or for an integrator, who has no account (R26)."""

    membership = models.ForeignKey(Membership, models.CASCADE, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.user} {self.token_key}…"

    @classmethod
    def for_member(cls, membership: Membership) -> tuple[Self, str]:
        """A new token and its secret, which is shown this once and kept only as a hash."""
        return cls.objects.create(user=membership.user, membership=membership)
