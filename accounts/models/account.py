"""Customer accounts and their members."""

import zoneinfo
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from common.money import CURRENCIES
from common.normal_forms import normalise_code, normalise_identifier, normalise_line
from common.text_fields import CodeField, IdentifierField, LineField

_get_time_zones = cache(zoneinfo.available_timezones)  # it searches the file system


def validate_time_zone(value: str) -> None:
    """Raise ValidationError unless `value` is a name in the IANA time zone database."""
    if value not in _get_time_zones():
        raise ValidationError(_("%(value)s is not a known time zone."), params={"value": value})


def validate_currency(value: str) -> None:
    """Raise ValidationError unless `value` is the ISO 4217 code of a currency in use."""
    if value not in CURRENCIES:
        raise ValidationError(
            _("%(value)s is not the ISO 4217 code of a currency in use, such as CNY."), params={"value": value}
        )


class DocumentLanguage(models.TextChoices):
    """Languages of contract documents."""

    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Simplified Chinese")
    BOTH = "both", _("English and Simplified Chinese")


class TestAccounts(models.TextChoices):
    """What a list or report does with the records of test accounts (R48). By default they are left out."""

    INCLUDE = "include", _("Included")
    ONLY = "only", _("Only these")

    __test__ = False  # not a pytest class


def select_test(choice: str, name: str = "account__is_test") -> Q:
    """Return the condition of a TestAccounts value, by default that no record is of a test account.

    `name`: the field that says so.
    """
    return Q() if choice == TestAccounts.INCLUDE else Q(**{name: choice == TestAccounts.ONLY})


class AccountQuerySet(models.QuerySet["Account"]):
    def numbered(self, text: str) -> "AccountQuerySet":
        """Return the account with this number, ignoring case, spaces and width. Uses the index on the number."""
        number = normalise_code(text)
        return self.filter(number__in={number, number.upper(), number.lower(), normalise_identifier(text)})

    def named(self, text: str) -> "AccountQuerySet":
        """Return accounts with `text` in a name that they are or were certified under: Party A's in their contracts."""
        name = normalise_line(text)
        renamed = Account.objects.filter(
            certification_requests__status="approved", certification_requests__name__icontains=name
        )
        return self.filter(Q(certified_name__icontains=name) | Q(pk__in=renamed.values("pk")))


class Account(models.Model):
    """A customer, which is Party A of its contracts."""

    class Certification(models.TextChoices):
        NONE = "none", _("Not certified")
        PERSONAL = "personal", _("Personal certification")
        ENTERPRISE = "enterprise", _("Enterprise certification")

    number = CodeField(_("account number"), max_length=32, unique=True)
    certification = models.CharField(
        _("certification"), max_length=16, choices=Certification, default=Certification.NONE
    )
    certified_name = LineField(_("certified name"), max_length=200, blank=True)
    credit_code = IdentifierField(_("unified social credit code"), max_length=18, blank=True)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="CNY",
        help_text=_("Currency of the ledger (ISO 4217)."),
        validators=[validate_currency],
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    document_language = models.CharField(
        _("language of new contracts"),
        max_length=8,
        blank=True,
        choices=DocumentLanguage,
        help_text=_("If empty, each applicant chooses."),
    )
    po_number_required = models.BooleanField(
        _("PO number required"),
        default=False,
        db_default=False,
        help_text=_("New contracts need the customer's PO number (R34)."),
    )
    approval_required_from = models.JSONField(
        _("approval required from"),
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        help_text=_("Currency → amount from which a conversion needs another member's approval (R44)."),
    )
    deliver_by_email = models.BooleanField(
        _("send official contracts by email"),
        default=False,
        db_default=False,
        help_text=_("To the account's contact and CC addresses. Each conversion can decide otherwise."),
    )
    second_factor_required = models.BooleanField(
        _("second factor required"),
        default=False,
        db_default=False,
        help_text=_("Members sign in with a second factor, and set one up first (R50)."),
    )
    is_test = models.BooleanField(
        _("test account"),
        default=False,
        db_default=False,
        help_text=_("For trying the system out: its contracts say TEST, carry the test seal and count nowhere (R48)."),
    )
    cc_emails = models.JSONField(_("CC addresses"), blank=True, default=list, db_default=Value([], models.JSONField()))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        permissions = [("integrate_accounts", "Can read and write all accounts and their members by API")]
        indexes = [models.Index(fields=["credit_code"], name="account_by_credit_code")]
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
        mark = "[TEST]" if self.is_test else ""
        return " ".join(filter(None, (self.number, self.certified_name, mark)))

    def requires_approval(self, total: Decimal, currency: str) -> bool:
        """Return True if a contract over this total needs approval before it becomes official (R44)."""
        threshold = self.approval_required_from.get(currency)
        return threshold is not None and total >= Decimal(threshold)

    @property
    def tzinfo(self) -> zoneinfo.ZoneInfo:
        """Time zone in which dates are shown to this customer (R9)."""
        return zoneinfo.ZoneInfo(self.time_zone)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def acting(self) -> "MembershipQuerySet":
        """Return the memberships with a role that may act (R26)."""
        return self.filter(role__in=Membership.ACTING)

    def approving(self) -> "MembershipQuerySet":
        """Return the memberships that may approve conversions: owners, and finance members with the right (R44)."""
        return self.filter(Q(role=Membership.Role.OWNER) | Q(role=Membership.Role.FINANCE, is_approver=True))


class Membership(models.Model):
    """A user's role in an account (R26)."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        FINANCE = "finance", _("Finance")
        VIEWER = "viewer", _("Viewer")

    ACTING = (Role.OWNER, Role.FINANCE)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships", verbose_name=_("account"))
    role = models.CharField(_("role"), max_length=16, choices=Role)
    is_approver = models.BooleanField(
        _("may approve conversions"),
        default=False,
        db_default=False,
        help_text=_("For finance members. Owners always may, and viewers never (R44)."),
    )
    last_document_language = models.CharField(max_length=8, blank=True, choices=DocumentLanguage, editable=False)
    """Language of the last contract that this member drafted on the pages; empty before the first."""
    decisions_seen_at = models.DateTimeField(null=True, editable=False)
    """When this member last opened the decisions on void requests from the list."""

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="one_membership_an_account"),
            models.CheckConstraint(condition=Q(role__in=("owner", "finance", "viewer")), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.account.number} · {self.get_role_display()}"

    @property
    def may_act(self) -> bool:
        """True if the role may apply, convert, void, request voids and pay. Viewers only read (R26)."""
        return self.role in self.ACTING

    @property
    def may_approve(self) -> bool:
        """True if the member may approve conversions that others requested (R44)."""
        return self.role == self.Role.OWNER or (self.role == self.Role.FINANCE and self.is_approver)
