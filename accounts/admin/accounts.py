"""Accounts and their members in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import KeptAdmin, changelist_url_name
from accounts.admin.people import record_member_changes
from accounts.models import Account, CertificationRequest, Membership
from common.normal_forms import normalise_code, normalise_line


class MembershipInline(admin.StackedInline):  # a table's fields would have no labels of their own
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Account)
class AccountAdmin(KeptAdmin):
    """Certification is read-only here: it changes only when a certification request is decided (R11)."""

    list_display = ["number", "certified_name", "certification", "time_zone"]
    list_filter = ["certification"]
    ordering = ["number"]
    search_fields = ["number", "certified_name"]
    search_help_text = _("Beginning of the account number, or part of the name")
    inlines = [MembershipInline]
    readonly_fields = ["certification", "certified_name", "credit_code", "elsewhere"]
    money_fields = ["currency"]
    lists: list[tuple[type[Model], str, Any]] = [(CertificationRequest, "status=all&", _("Certification requests"))]
    """Related lists that can be searched by account number. Other apps add theirs (billing/admin/accounts.py)."""
    add_fieldsets = [(None, {"fields": ["number", "currency", "time_zone", "document_language"]})]

    def search_for(self, term: str) -> Q:
        by_number = Q(number__startswith=normalise_code(term))
        if Account.objects.filter(by_number).exists():
            return by_number
        return Q(certified_name__icontains=normalise_line(term))

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Refuse changes to an account that the user is a member of (R45)."""
        conflict = obj and conflict_of_interest(request.user.pk or 0, account_id=obj.pk)
        return super().has_change_permission(request, obj) and not conflict

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        record_member_changes(request, formset)

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return [
            (_("Party A"), {"fields": ["number", "certified_name", "certification", "credit_code"]}),
            (_("Money"), {"fields": self.money_fields}),
            (_("Settings"), {"fields": ["time_zone", "document_language"]}),
            (_("Related lists"), {"fields": ["elsewhere"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> list[str]:
        fixed = ["number", "currency"] if obj else []  # imports and the ledger depend on them
        return [*self.readonly_fields, *fixed]

    @admin.display(description=_("Lists of this account"))
    def elsewhere(self, row: Account) -> SafeString:
        """Return links to the related lists."""
        links = (
            (reverse(changelist_url_name(model)), f"{query}q={row.number}", label) for model, query, label in self.lists
        )
        return format_html_join(" · ", '<a href="{}?{}">{}</a>', links)
