from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from common.money_fields import MoneyField
from common.text_fields import CodeField, IdentifierField, LineField


class LedgerEntry(models.Model):
    """One movement of an account's balance, in its currency. Never changed; corrected only by a counter-entry."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="ledger", verbose_name=_("account"))
    amount = MoneyField(help_text=_("Positive for money received."))
    bank_reference = CodeField(max_length=64, blank=True)
    booking = models.PositiveSmallIntegerField(
        default=1, help_text=_("Number of this booking of the bank reference; above 1 after a reversal.")
    )
    received_on = models.DateField(
        _("received on"), null=True, blank=True, help_text=_("Day on which the bank received the money.")
    )
    order_number = models.CharField(max_length=64, blank=True, help_text=_("Number of the order paid by this entry."))
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("booked by")
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        permissions = [("book_remittance", "Can book remittances and reverse them")]
        indexes = [
            models.Index(fields=["-booked_at", "-id"], name="ledger_newest_first"),
            models.Index(fields=["account", "-booked_at", "-id"], name="ledger_of_account"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_entry_moves_something"),
            models.UniqueConstraint(
                fields=["bank_reference", "booking"],
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


class RemittanceAccount(models.Model):
    """A bank account number reserved for one customer. Money received there belongs to that customer (R13)."""

    account = models.OneToOneField(
        Account, models.PROTECT, related_name="remittance_account", verbose_name=_("account")
    )
    payee = LineField(_("payee"), max_length=200)
    bank = LineField(_("bank"), max_length=200)
    account_number = IdentifierField(_("remittance account number"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("exclusive remittance account")
        verbose_name_plural = _("exclusive remittance accounts")

    def __str__(self) -> str:
        return f"{self.account.number}: {self.account_number}"
