"""What the pages of the back office have in common: rows that are kept, long lists without counts, exact search."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Account

MOST_COUNTED = 10_000
"""Rows. Counting a million takes longer than showing a hundred of them; who has more than this narrows the list."""
MOST_FOUND = 1_000
"""Rows that a search looks up by index before the list shows them."""


class CappedPaginator(Paginator):
    """Counts up to MOST_COUNTED rows and takes the list to end there.

    Which rows a page holds is found by index alone, and all that is shown is asked of these: the database would
    otherwise join, and compute, for every row of the pages before.
    """

    @cached_property
    def count(self) -> int:
        rows: QuerySet = self.object_list  # type: ignore[assignment]
        return rows.order_by().values("pk")[:MOST_COUNTED].count()

    def _get_page(self, rows: "QuerySet[Any]", number: int, paginator: Paginator) -> Page:
        all_rows: QuerySet = self.object_list  # type: ignore[assignment]
        ids = list(rows.values_list("pk", flat=True))
        return Page(all_rows.filter(pk__in=ids), number, paginator)


class StrictLookups(admin.ModelAdmin):
    """A list takes the lookups of its own filters from an address, and no others.

    Django takes any lookup over the model's fields: a pattern that the database cannot read, or a time that it cannot
    hold, would be an error of the server.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup in {name for one in self.get_list_filter(request) for name in _parameters_of(one)}

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Rows are chosen by their primary key; Django's own check fails on the name of a reverse relation."""
        return to_field in ("pk", self.opts.pk.name)


def _parameters_of(list_filter: Any) -> Iterator[str]:
    """The names in an address that an entry of `list_filter` reads."""
    if isinstance(list_filter, str):
        yield from (list_filter, *(f"{list_filter}__{end}" for end in ("exact", "isnull", "id__exact")))
    else:
        yield list_filter.parameter_name


class KeptAdmin(StrictLookups):
    """Rows that others refer to: never deleted, by anyone."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """`search_for` where an admin has one; conditions over several tables at once would use no index."""
        term = search_term.strip()
        if not term or not hasattr(self, "search_for"):
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(self.search_for(term)), False


class ReadOnlyAdmin(KeptAdmin):
    """Rows that only services and the clock write: not added or changed here either, superusers included."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def badge(name: str, label: Any) -> SafeString:
    """A status as the pages show it, `name` being its class in facts.css."""
    return format_html('<span class="status status-{}">{}</span>', name, label)


def ids_of(rows: "QuerySet[Any]") -> list[int]:
    """The ids of a few rows, looked up on their own, so that the list is then filtered by its index."""
    return list(rows.values_list("pk", flat=True)[:MOST_FOUND])


def account_ids(term: str) -> list[int]:
    """Ids of the account with this number, else of those with `term` in their names: what any list is searched by."""
    return ids_of(Account.objects.numbered(term)) or ids_of(Account.objects.named(term))


def changelist(model: type[Model]) -> str:
    """The name of the address of the model's list."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"


def change(model: type[Model]) -> str:
    """The name of the address of one row's page."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
