"""The back office's filter of records of test accounts, which lists and exports leave out unless asked (R48)."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import TestAccounts, select_test


class OfTestAccounts(SimpleListFilter):
    title = _("test accounts")
    parameter_name = "test"
    field = "account__is_test"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, Any]]:
        return list(TestAccounts.choices)

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("Left out")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(select_test(self.value() or "", self.field))
