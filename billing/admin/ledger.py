"""The ledger in the back office: search entries, book remittances, reverse them by counter-entries."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import find_account_ids, get_ids
from accounts.admin.day_range import day_range
from accounts.admin.decisions import Decision, DecisionForm, RecordAdmin
from accounts.admin.of_test_accounts import OfTestAccounts
from billing.admin.booking import BOOK_PERMISSION, BookingPages
from billing.exporting import OFFICE_LEDGER
from billing.four_eyes import propose_reversal
from billing.ledger import EntryKind, get_balance, get_entry_kind, get_ledger_page
from billing.models import LedgerEntry
from billing.remittance_accounts import find_accounts_by_remittance_number
from billing.remittances import find_bookings, is_remittance, is_reversed, reverse_entry
from common.money import format_amount
from common.normal_forms import normalise_code, normalise_identifier
from exports.lists import ExportedList

MAX_RECENT_ENTRIES = 10
MAX_NOTE_CHARS = LedgerEntry._meta.get_field("note").max_length


class ReverseForm(DecisionForm):
    note = forms.CharField(
        label=_("Reason for the reversal"),
        max_length=MAX_NOTE_CHARS,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Shown to the customer in the ledger."),
    )


REVERSE = Decision(
    name="reverse",
    label=_("Reverse by a counter-entry"),
    permission=BOOK_PERMISSION,
    template="admin/billing/ledgerentry/_reverse.html",
    form=ReverseForm,
    make=lambda row, by, given: reverse_entry(entry=row, by=by, **given),
    done=_("%(object)s was reversed by a counter-entry."),
    open_to=lambda row: is_remittance(row) and not is_reversed(row),
    grave=True,
    propose=propose_reversal,
)


class EntryKindFilter(admin.SimpleListFilter):
    """Filter by the kinds that have an index or make up most of the ledger."""

    title = _("kind")
    parameter_name = "kind"
    conditions = {
        EntryKind.REMITTANCE: Q(amount__gt=0, order_number="", reverses=None),
        EntryKind.ORDER_PAYMENT: ~Q(order_number="") & Q(reverses=None),
        EntryKind.COUNTER_ENTRY: Q(reverses__isnull=False),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        return [(kind.value, kind.label) for kind in self.conditions]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        kind = self.value()
        return queryset.filter(self.conditions[EntryKind(kind)]) if kind in self.conditions else None


@admin.register(LedgerEntry)
class LedgerEntryAdmin(BookingPages, ExportedList, RecordAdmin):
    exporter = OFFICE_LEDGER
    record_template = "admin/billing/ledgerentry/record.html"
    decision_template = "admin/accounts/decision.html"
    decisions = (REVERSE,)
    list_display = ["booked", "account", "what", "reference", "received_on", "booked_by", "sum"]
    list_filter = [EntryKindFilter, OfTestAccounts, day_range("booked_at", _("booking time"))]
    sortable_by = ()
    ordering = ["-booked_at", "-pk"]
    search_fields = ["bank_reference"]
    search_help_text = _(
        "Complete bank reference, remittance account number or account number,"
        " or part of a current or former name of the account"
    )

    class Media:
        css = {"all": ["css/money.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("account", "booked_by", "reversed_by")

    def search_for(self, term: str) -> Q:
        """Match the bookings of a bank reference, or else an account's ledger. A query for both would use no index."""
        if bookings := get_ids(find_bookings([normalise_code(term)])):
            return Q(pk__in=bookings) | Q(reverses__in=bookings)
        reserved = find_accounts_by_remittance_number([normalise_identifier(term)]).values()
        return Q(account__in=[account.pk for account in reserved] or find_account_ids(term))

    def conflict_about(self, user_id: int, row: Any) -> str:
        return conflict_of_interest(user_id, account_id=row.account_id)

    def title_of(self, row: Any) -> str:
        return str(_("Ledger entry %(id)d") % {"id": row.pk})

    def state_of(self, row: Any) -> str:
        """Return the reversal state and the balance, which a decision depends on."""
        return f"{is_reversed(row)} {get_balance(row.account)}"

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        account = row.account
        balance = get_balance(account)
        return {
            "account": account,
            "balance": balance,
            "kind": get_entry_kind(row),
            "reversed_by": getattr(row, "reversed_by", None),
            "latest": get_ledger_page(account, None, balance=balance, size=MAX_RECENT_ENTRIES),
            "may_book": self.may_book(request),
        }

    def decision_context(self, request: HttpRequest, row: Any, decision: Decision) -> dict[str, Any]:
        balance = get_balance(row.account)
        return {
            "account": row.account,
            "balance": balance,
            "counter": -row.amount,
            "balance_after": balance - row.amount,
        }

    def closed_because(self, row: Any) -> str:
        if is_reversed(row):
            return str(_("This remittance has already been reversed. Nothing was changed."))
        return str(_("Only remittances can be reversed here. Nothing was changed."))

    @admin.display(description=_("booked at"))
    def booked(self, row: Any) -> str:
        return date_format(timezone.localtime(row.booked_at), "Y-m-d H:i")

    @admin.display(description=_("kind"))
    def what(self, row: Any) -> str:
        return str(_("Reversed remittance") if is_reversed(row) else get_entry_kind(row).label)

    @admin.display(description=_("amount"))
    def sum(self, row: Any) -> str:
        return format_amount(row.amount, row.account.currency)

    @admin.display(description=_("reference"))
    def reference(self, row: Any) -> str:
        return row.bank_reference or row.order_number or "—"
