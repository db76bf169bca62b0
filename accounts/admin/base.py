"""Base classes of the back office: no deletion, capped counts for long lists, indexed search."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.views.saved_filters import saved_filters_context
from common.replica import reads_replica

Text = Promise | str

MAX_COUNTED_ROWS = 10_000
"""Counting stops here, because counting a million rows takes longer than showing a page. Staff can narrow the list."""
CUSTOMER_URL_NAME = "admin:accounts_account_customer"
MAX_SEARCH_ROWS = 1_000
"""Maximum number of ids that a search resolves before the list query."""


class CappedPaginator(Paginator):
    """A paginator for long lists, which end after MAX_COUNTED_ROWS rows.

    It fetches the ids of a page first and then only these rows. Otherwise the database would join and compute
    annotations for the rows of all previous pages.
    """

    @cached_property
    def count(self) -> int:
        rows: QuerySet = self.object_list  # type: ignore[assignment]
        return rows.order_by().values("pk")[:MAX_COUNTED_ROWS].count()

    def _get_page(self, rows: "QuerySet[Any]", number: int, paginator: Paginator) -> Page:
        all_rows: QuerySet = self.object_list  # type: ignore[assignment]
        ids = list(rows.values_list("pk", flat=True))
        return Page(all_rows.filter(pk__in=ids), number, paginator)


class StrictLookups(admin.ModelAdmin):
    """Accept only lookups of the list's own filters in the query string, and offer to save them.

    Django accepts any lookup on the model's fields, so that an invalid pattern or an out-of-range time would cause a
    server error.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup in self.get_filter_parameters(request)

    def get_filter_parameters(self, request: HttpRequest) -> set[str]:
        """Return the query parameters of the list's filters."""
        return {name for one in self.get_list_filter(request) for name in _get_parameters(one)}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"saved_filters": saved_filters_context(self, request)} if self.has_view_permission(request) else {}
        context |= extra_context or {}
        if request.method == "POST":  # an action
            return super().changelist_view(request, context)
        return reads_replica(super().changelist_view)(request, context)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Allow only the primary key. Django's own check fails on the name of a reverse relation."""
        return to_field in ("pk", self.opts.pk.name)


def _get_parameters(list_filter: Any) -> Iterator[str]:
    """Yield the query parameters of an entry of `list_filter`."""
    if isinstance(list_filter, str):
        yield from (list_filter, *(f"{list_filter}__{end}" for end in ("exact", "isnull", "id__exact")))
    else:
        yield from getattr(list_filter, "parameter_names", None) or (list_filter.parameter_name,)


class NoDeleteAdmin(StrictLookups):
    """Base class for rows that other rows refer to, so that nobody can delete them here."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Use `search_for` if the admin defines it. Django's own search over several tables would use no index."""
        term = search_term.strip()
        if not term or not hasattr(self, "search_for"):
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(self.search_for(term)), False


class ReadOnlyAdmin(NoDeleteAdmin):
    """Base class for rows that only services change. Nobody can add or change them here, including superusers."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def badge(name: str, label: Any) -> SafeString:
    """Render a status badge; `name` is its class suffix in facts.css."""
    return format_html('<span class="status status-{}">{}</span>', name, label)


def with_test_mark(shown: Any, *, is_test: bool) -> SafeString:
    """Render a cell with the mark of test accounts behind it (R48)."""
    return (
        format_html('{} <span class="test-mark">{}</span>', shown, _("TEST")) if is_test else format_html("{}", shown)
    )


def get_ids(rows: "QuerySet[Any]") -> list[int]:
    """Return up to MAX_SEARCH_ROWS ids with a separate query, so that the list query can use an index."""
    return list(rows.values_list("pk", flat=True)[:MAX_SEARCH_ROWS])


def find_account_ids(term: str) -> list[int]:
    """Return the id of the account with this number, else the ids of those with `term` in a certified name."""
    return get_ids(Account.objects.numbered(term)) or get_ids(Account.objects.named(term))


def account_link(account: Account) -> SafeString:
    """Return a link to the customer's page."""
    return format_html('<a href="{}">{}</a>', reverse(CUSTOMER_URL_NAME, args=[account.pk]), account)


def changelist_url_name(model: type[Model]) -> str:
    """Return the URL name of the model's list."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"


def change_url_name(model: type[Model]) -> str:
    """Return the URL name of a row's page."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
