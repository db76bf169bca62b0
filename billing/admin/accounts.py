"""Balance and remittance account on an account's page in the back office; exclusive remittance accounts."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import AbstractUser
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import conflict_of_interest, staff_actor
from accounts.admin.accounts import AccountAdmin
from accounts.admin.base import NoDeleteAdmin, find_account_ids
from accounts.admin.decisions import redirect_to_proposal
from accounts.admin.logged_values import LoggedValues
from accounts.four_eyes import is_on
from accounts.models import Account
from billing.four_eyes import DETAILS, REMITTANCE_ACCOUNT, propose_remittance_account
from billing.ledger import get_balance
from billing.models import RemittanceAccount
from common.money import format_amount

admin.site.unregister(Account)


@admin.register(Account)
class AccountWithMoneyAdmin(AccountAdmin):
    readonly_fields = [*AccountAdmin.readonly_fields, "balance", "remittance"]
    money_fields = ["currency", "balance", "remittance"]

    @admin.display(description=_("balance"))
    def balance(self, row: Account) -> str:
        return format_amount(get_balance(row), row.currency)

    @admin.display(description=_("exclusive remittance account"))
    def remittance(self, row: Account) -> str:
        exclusive = RemittanceAccount.objects.filter(account=row).first()
        return f"{exclusive.account_number} · {exclusive.bank} · {exclusive.payee}" if exclusive else "—"


@admin.register(RemittanceAccount)
class RemittanceAccountAdmin(LoggedValues, NoDeleteAdmin):
    logged_fields = ("payee", "bank", "account_number")
    list_display = ["account", "account_number", "bank", "payee"]
    list_select_related = ["account"]
    search_fields = ["account__number", "account_number"]
    search_help_text = _(
        "Complete remittance account number or account number, or part of a current or former name of the account"
    )
    autocomplete_fields = ["account"]

    def search_for(self, term: str) -> Q:
        return Q(account_number=term) | Q(account__in=find_account_ids(term))

    def has_change_permission(self, request: HttpRequest, obj: RemittanceAccount | None = None) -> bool:
        """Refuse changes to an account that the user is a member of (R45)."""
        conflict = obj and conflict_of_interest(request.user.pk or 0, account_id=obj.account_id)
        return super().has_change_permission(request, obj) and not conflict

    def save_model(self, request: HttpRequest, obj: RemittanceAccount, form: Any, change: bool) -> None:
        """Save the account; where it takes two people, propose it instead (R45)."""
        if not is_on():
            super().save_model(request, obj, form, change)
            return
        by = staff_actor(cast("AbstractUser", request.user), REMITTANCE_ACCOUNT.permission)
        values = {name: form.cleaned_data[name] for name in DETAILS}
        request.proposal = propose_remittance_account(account=obj.account, values=values, by=by)  # type: ignore[attr-defined]

    def log_addition(self, request: HttpRequest, obj: RemittanceAccount, message: Any) -> Any:
        return None if hasattr(request, "proposal") else super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: RemittanceAccount, message: Any) -> Any:
        return None if hasattr(request, "proposal") else super().log_change(request, obj, message)

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if proposal := getattr(request, "proposal", None):
            return redirect_to_proposal(request, proposal)
        return super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if proposal := getattr(request, "proposal", None):
            return redirect_to_proposal(request, proposal)
        return super().response_change(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "account":
            kwargs["queryset"] = Account.objects.exclude(memberships__user=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
