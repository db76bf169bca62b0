"""A customer's page: an account with its latest records of each kind, for staff who may view them.

Each app registers the sections of its own models with `register_section`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.admin.base import MAX_COUNTED_ROWS, Text, changelist_url_name
from accounts.models import Account

MAX_SECTION_ROWS = 5
"""Latest rows of each kind on the page; the lists have the others."""


@dataclass(frozen=True, slots=True)
class RowCount:
    """A number of rows, counted up to MAX_COUNTED_ROWS."""

    number: int

    def __bool__(self) -> bool:
        return self.number > 0

    def __str__(self) -> str:
        return f"{self.number:,}" if self.number <= MAX_COUNTED_ROWS else f"{MAX_COUNTED_ROWS:,}+"


@dataclass(frozen=True, slots=True)
class StatusSum:
    """The rows of one status and currency."""

    status: str
    label: Text
    count: int
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CustomerSection:
    """A part of the page, for staff who may view `model`."""

    model: type[Model]
    title: Text
    template: str
    load: Callable[[Account, datetime], dict[str, Any]]
    """Returns the template's context, with `count` for a list. Runs a fixed number of statements; `now` is aware."""
    position: int
    query: str | None = ""
    """Beginning of the query string of the model's list of this account; None if the model has no list."""
    aside: bool = False
    leaves_out_tests: bool = False
    """True if the list leaves out test accounts unless asked (R48)."""


_sections: list[CustomerSection] = []


def register_section(section: CustomerSection) -> None:
    """Add a section. Called by the admin modules of the app that owns the model."""
    _sections.append(section)
    _sections.sort(key=lambda one: one.position)


def count_rows(rows: "QuerySet[Any]") -> RowCount:
    """Count rows up to MAX_COUNTED_ROWS, with one statement."""
    return RowCount(rows.order_by().values("pk")[: MAX_COUNTED_ROWS + 1].count())


def sum_by_status(
    rows: "QuerySet[Any]", *, status: str, amount: str, labels: Iterable[tuple[str, Any]]
) -> tuple[RowCount, list[StatusSum]]:
    """Count and sum rows by status and currency, with two statements that read up to MAX_COUNTED_ROWS.

    If there are more rows, there are no sums. `status` names a field or an annotation, `labels` its values in order.
    Adds up here: to group limited rows, PostgreSQL would join them with the whole table.
    """
    count = count_rows(rows)
    if count.number > MAX_COUNTED_ROWS:
        return count, []
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for state, currency, figure in rows.order_by().values_list(status, "currency", amount)[:MAX_COUNTED_ROWS]:
        sums.setdefault((state, currency), []).append(figure)
    currencies = sorted({currency for _state, currency in sums})
    groups = [(state, label, currency) for state, label in labels for currency in currencies]
    return count, [
        StatusSum(state, label, len(sums[state, currency]), currency, sum(sums[state, currency], Decimal(0)))
        for state, label, currency in groups
        if (state, currency) in sums
    ]


def may_view(request: HttpRequest, model: type[Model]) -> bool:
    """Return True if the user may view or change the model's rows."""
    names = (f"{model._meta.app_label}.{action}_{model._meta.model_name}" for action in ("view", "change"))
    return any(map(request.user.has_perm, names))


def customer_page(request: HttpRequest, pk: int, *, context: dict[str, Any]) -> HttpResponse:
    """Show an account's page. `context` is that of every page of the back office."""
    if not may_view(request, Account):
        raise PermissionDenied
    account = get_object_or_404(Account, pk=pk)
    now = timezone.now()
    shown = [_load(section, account, now) for section in _sections if may_view(request, section.model)]
    page = {
        **context,
        "object": account,
        "title": account.certified_name or account.number,
        "main": [section for section in shown if not section["aside"]],
        "aside": [section for section in shown if section["aside"]],
        "list_url": reverse(changelist_url_name(Account)),
    }
    return render(request, "admin/accounts/account/customer.html", page)


def _load(section: CustomerSection, account: Account, now: datetime) -> dict[str, Any]:
    facts = section.load(account, now)
    address = ""
    if section.query is not None and facts.get("count"):
        test = "test=only&" if section.leaves_out_tests and account.is_test else ""
        address = f"{reverse(changelist_url_name(section.model))}?{section.query}{test}q={account.number}"
    return {
        "name": section.model._meta.model_name,
        "title": section.title,
        "template": section.template,
        "aside": section.aside,
        "all": address,
        "facts": {"account": account, **facts},
    }
