"""The ledger: read and searched; remittances are booked, and taken back by counter-entries."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import account_ids, ids_of
from accounts.admin.decisions import Decision, DecisionForm, RecordAdmin
from billing.admin.booking import MAY_BOOK, BookingPages
from billing.ledger import Kind, balance_of, kind_of, ledger_page
from billing.models import LedgerEntry
from billing.remittance_accounts import accounts_of
from billing.remittances import bookings_of, is_remittance, is_reversed, reverse_entry
from common.money import format_amount
from common.normal_forms import normalise_code, normalise_identifier

NEIGHBOURS = 10
LONGEST_NOTE = LedgerEntry._meta.get_field("note").max_length


class ReverseForm(DecisionForm):
    note = forms.CharField(
        label=_("Why it is reversed"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The customer reads it in the ledger."),
    )


REVERSE = Decision(
    name="reverse",
    label=_("Reverse by a counter-entry"),
    permission=MAY_BOOK,
    template="admin/billing/ledgerentry/_reverse.html",
    form=ReverseForm,
    make=lambda row, by, given: reverse_entry(entry=row, by=by, **given),
    done=_("%(object)s is reversed: the counter-entry stands in the ledger."),
    open_to=lambda row: is_remittance(row) and not is_reversed(row),
    grave=True,
)


class EntryKind(admin.SimpleListFilter):
    """The kinds that an index of their own finds, or that are most of the ledger."""

    title = _("kind")
    parameter_name = "kind"
    conditions = {
        Kind.REMITTANCE: Q(amount__gt=0, order_number="", reverses=None),
        Kind.ORDER_PAYMENT: ~Q(order_number="") & Q(reverses=None),
        Kind.COUNTER_ENTRY: Q(reverses__isnull=False),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        return [(kind.value, kind.label) for kind in self.conditions]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        asked = self.value()
        return queryset.filter(self.conditions[Kind(asked)]) if asked in self.conditions else None


@admin.register(LedgerEntry)
class LedgerEntryAdmin(BookingPages, RecordAdmin):
    record_template = "admin/billing/ledgerentry/record.html"
    decision_template = "admin/accounts/decision.html"
    decisions = (REVERSE,)
    list_display = ["booked", "account", "what", "reference", "received_on", "booked_by", "sum"]
    list_filter = [EntryKind]
    sortable_by = ()
    ordering = ["-booked_at", "-pk"]
    search_fields = ["bank_reference"]
    search_help_text = _("Bank reference or remittance account number, whole; account number or a part of the name")

    class Media:
        css = {"all": ["css/money.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("account", "booked_by", "reversed_by")

    def search_for(self, term: str) -> Q:
        """The bookings of a bank reference, or else the ledger of an account: never by both at once."""
        if bookings := ids_of(bookings_of([normalise_code(term)])):
            return Q(pk__in=bookings) | Q(reverses__in=bookings)
        reserved = accounts_of([normalise_identifier(term)]).values()
        return Q(account__in=[account.pk for account in reserved] or account_ids(term))

    def conflict_about(self, user_id: int, row: Any) -> str:
        return conflict_of_interest(user_id, account_id=row.account_id)

    def title_of(self, row: Any) -> str:
        return str(_("Ledger entry %(id)d") % {"id": row.pk})

    def state_of(self, row: Any) -> str:
        """Whether it was reversed, and the balance from which it would be taken."""
        return f"{is_reversed(row)} {balance_of(row.account)}"

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        account = row.account
        balance = balance_of(account)
        return {
            "account": account,
            "balance": balance,
            "kind": kind_of(row),
            "reversed_by": getattr(row, "reversed_by", None),
            "latest": ledger_page(account, None, balance=balance, size=NEIGHBOURS),
            "may_book": self.may_book(request),
        }

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        balance = balance_of(row.account)
        return {
            "account": row.account,
            "balance": balance,
            "counter": -row.amount,
            "balance_after": balance - row.amount,
        }

    def closed_because(self, row: Any) -> str:
        if is_reversed(row):
            return str(_("This remittance was reversed already. Nothing was changed."))
        return str(_("Only remittances are reversed here. Nothing was changed."))

    @admin.display(description=_("booked at"))
    def booked(self, row: Any) -> str:
        return date_format(timezone.localtime(row.booked_at), "Y-m-d H:i")

    @admin.display(description=_("kind"))
    def what(self, row: Any) -> str:
        return str(_("Reversed remittance") if is_reversed(row) else kind_of(row).label)

    @admin.display(description=_("amount"))
    def sum(self, row: Any) -> str:
        return format_amount(row.amount, row.account.currency)

    @admin.display(description=_("reference"))
    def reference(self, row: Any) -> str:
        return row.bank_reference or row.order_number or "—"
