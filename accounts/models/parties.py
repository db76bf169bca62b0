"""Details of the contract parties, and the issuer's bank account."""

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from common.errors import Refused
from common.text_fields import CodeField, IdentifierField, LineField
from common.versions import Version, VersionQuerySet


class PartyDetails(models.Model):
    """Details of a party in a contract, apart from its name (R12)."""

    address = LineField(_("Address"), max_length=200)
    contact = LineField(_("Contact"), max_length=100)
    phone = CodeField(_("Phone"), max_length=40)
    email = models.EmailField(_("Email"), max_length=200)
    bank = LineField(_("Bank"), max_length=200, blank=True)
    bank_account = IdentifierField(_("Bank account"), max_length=64, blank=True)
    tax_number = IdentifierField(_("Tax number"), max_length=64, blank=True)
    legal_representative = LineField(_("Legal representative"), max_length=100, blank=True, default="", db_default="")
    signing_place = LineField(_("Place of signing"), max_length=100, blank=True, default="", db_default="")

    class Meta:
        abstract = True

    DETAILS = (
        *("address", "contact", "phone", "email", "bank", "bank_account", "tax_number"),
        *("legal_representative", "signing_place"),
    )

    def details(self) -> dict[str, str]:
        """Return the details by field name; a missing optional one is an empty string."""
        return {name: getattr(self, name) for name in self.DETAILS}


class PartyProfile(PartyDetails):
    """Party A's latest details, which prefill the next contract (R12)."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="profile")

    class Meta:
        verbose_name = _("party profile")
        verbose_name_plural = _("party profiles")

    def __str__(self) -> str:
        return f"{self.account.number}: {self.contact}"


class IssuerQuerySet(VersionQuerySet["Issuer"]):
    def current(self) -> "Issuer":
        """Return the published issuer version in force. Raises Refused `issuer_missing` if there is none."""
        issuer = self.in_force()
        if issuer is None:
            raise Refused(
                "issuer_missing",
                gettext("The selling company is not set up yet. Staff can do this in the back office."),
            )
        return issuer


class Issuer(PartyDetails, Version):
    """A version of the selling company's details: Party B of every contract, with its general bank account (R13)."""

    name = LineField(_("Name"), max_length=200)
    payee = LineField(_("Payee"), max_length=200, help_text=_("Holder of the general bank account."))
    payee_bank = LineField(_("Payee's bank"), max_length=200)
    payee_account = IdentifierField(_("Payee's account"), max_length=64)

    objects = IssuerQuerySet.as_manager()

    class Meta:
        verbose_name = _("issuer version")
        verbose_name_plural = _("issuer")
        ordering = ["-version"]
        permissions = [("publish_issuer", "Can publish versions of the issuer")]
        constraints = [
            models.UniqueConstraint(fields=["version"], name="issuer_version_once"),
            models.UniqueConstraint(Value(1), condition=Q(published_at=None), name="one_issuer_version_in_preparation"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"
