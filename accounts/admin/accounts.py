"""Accounts and their members in the back office."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest
from accounts.admin.base import CUSTOMER_URL_NAME, NoDeleteAdmin, with_test_mark
from accounts.admin.customer import customer_page
from accounts.admin.people import record_member_changes
from accounts.models import Account, Membership
from accounts.test_mark import find_fixed_accounts, record_test_marks, require_changeable
from common.normal_forms import normalise_code


class MembershipInline(admin.StackedInline):  # a table's fields would have no labels of their own
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


class CustomerList(ChangeList):
    """The list of accounts, whose rows lead to the customers' pages."""

    def url_for_result(self, result: Any) -> str:
        return reverse(CUSTOMER_URL_NAME, args=[result.pk])


@admin.register(Account)
class AccountAdmin(NoDeleteAdmin):
    """Certification is read-only here: it changes only when a certification request is decided (R11)."""

    list_display = ["number_marked", "certified_name", "certification", "time_zone"]
    list_filter = ["certification", "is_test"]
    ordering = ["number"]
    search_fields = ["number", "certified_name"]
    search_help_text = _("Beginning of the account number, or part of a current or former name")
    change_form_template = "admin/accounts/account/change_form.html"
    inlines = [MembershipInline]
    readonly_fields = ["certification", "certified_name", "credit_code"]
    money_fields = ["currency"]
    add_fieldsets = [
        (
            None,
            {"fields": ["number", "currency", "time_zone", "document_language", "po_number_required", "is_test"]},
        )
    ]

    def search_for(self, term: str) -> Q:
        by_number = Q(number__startswith=normalise_code(term))
        if Account.objects.filter(by_number).exists():
            return by_number
        return Q(pk__in=Account.objects.named(term).values("pk"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CustomerList

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.customer)
        return [path("<int:pk>/customer/", view, name="accounts_account_customer"), *super().get_urls()]

    def customer(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the customer's page."""
        return customer_page(request, pk, context={**self.admin_site.each_context(request), "opts": self.opts})

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Refuse changes to an account that the user is a member of (R45)."""
        conflict = obj and conflict_of_interest(request.user.pk or 0, account_id=obj.pk)
        return super().has_change_permission(request, obj) and not conflict

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        record_member_changes(request, formset)

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Save the account, and record whether it became a test account. Raises Refused like require_changeable."""
        is_marked = "is_test" in form.changed_data
        if change and is_marked:
            require_changeable(obj, pointer="/is_test")
        super().save_model(request, obj, form, change)
        if is_marked:
            record_test_marks([obj], by_id=request.user.pk)

    @admin.display(description=_("account number"), ordering="number")
    def number_marked(self, row: Account) -> str:
        return with_test_mark(row.number, is_test=row.is_test)

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return [
            (_("Party A"), {"fields": ["number", "certified_name", "certification", "credit_code"]}),
            (_("Money"), {"fields": self.money_fields}),
            (_("Settings"), {"fields": ["time_zone", "document_language", "po_number_required", "is_test"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> list[str]:
        fixed = ["number", "currency"] if obj else []  # imports and the ledger depend on them
        if obj and find_fixed_accounts([obj.pk]):
            fixed.append("is_test")
        return [*self.readonly_fields, *fixed]
