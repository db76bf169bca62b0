"""Accounts, their members and their remittance accounts."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import KeptAdmin, account_ids, changelist
from accounts.admin.logged_values import LoggedValues
from accounts.admin.people import record_member_changes
from accounts.models import Account, CertificationRequest, Membership
from billing.models import LedgerEntry, RemittanceAccount
from common.money import format_amount
from common.normal_forms import normalise_code, normalise_line


class MembershipInline(admin.StackedInline):  # a table's fields would have no labels of their own
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Account)
class AccountAdmin(KeptAdmin):
    """Certification is decided by a request for it, and by nothing else (R11)."""

    list_display = ["number", "certified_name", "certification", "time_zone"]
    list_filter = ["certification"]
    ordering = ["number"]
    search_fields = ["number", "certified_name"]
    search_help_text = _("Account number from its beginning, or part of the name")
    inlines = [MembershipInline]
    readonly_fields = ["certification", "certified_name", "credit_code", "balance", "remittance", "elsewhere"]
    fieldsets = [
        (_("Party A"), {"fields": ["number", "certified_name", "certification", "credit_code"]}),
        (_("Money"), {"fields": ["currency", "balance", "remittance"]}),
        (_("Settings"), {"fields": ["time_zone", "document_language"]}),
        (_("Elsewhere"), {"fields": ["elsewhere"]}),
    ]
    add_fieldsets = [(None, {"fields": ["number", "currency", "time_zone", "document_language"]})]

    def search_for(self, term: str) -> Q:
        by_number = Q(number__startswith=normalise_code(term))
        if Account.objects.filter(by_number).exists():
            return by_number
        return Q(certified_name__icontains=normalise_line(term))

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Not of an account that the user is a member of (R45)."""
        own = obj and conflict_of_interest(request.user.pk or 0, account_id=obj.pk)
        return super().has_change_permission(request, obj) and not own

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        record_member_changes(request, formset)

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> list[str]:
        known = ["number", "currency"] if obj else []  # imports and the ledger hold on to them
        return [*self.readonly_fields, *known]

    @admin.display(description=_("balance"))
    def balance(self, row: Account) -> str:
        return format_amount(row.balance, row.currency)

    @admin.display(description=_("exclusive remittance account"))
    def remittance(self, row: Account) -> str:
        own = RemittanceAccount.objects.filter(account=row).first()
        return f"{own.account_number} · {own.bank} · {own.payee}" if own else "—"

    @admin.display(description=_("Lists of this account"))
    def elsewhere(self, row: Account) -> SafeString:
        """Links to the lists that find rows by an account number."""
        links = (
            (reverse(changelist(CertificationRequest)), f"status=all&q={row.number}", _("Certification requests")),
            (reverse(changelist(LedgerEntry)), f"q={row.number}", _("Ledger")),
        )
        return format_html_join(" · ", '<a href="{}?{}">{}</a>', links)


@admin.register(RemittanceAccount)
class RemittanceAccountAdmin(LoggedValues, KeptAdmin):
    logged_fields = ("payee", "bank", "account_number")
    list_display = ["account", "account_number", "bank", "payee"]
    list_select_related = ["account"]
    search_fields = ["account__number", "account_number"]
    autocomplete_fields = ["account"]

    def search_for(self, term: str) -> Q:
        return Q(account_number=term) | Q(account__in=account_ids(term))

    def has_change_permission(self, request: HttpRequest, obj: RemittanceAccount | None = None) -> bool:
        """Not of an account that the user is a member of (R45)."""
        own = obj and conflict_of_interest(request.user.pk or 0, account_id=obj.account_id)
        return super().has_change_permission(request, obj) and not own

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "account":
            kwargs["queryset"] = Account.objects.exclude(memberships__user=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
