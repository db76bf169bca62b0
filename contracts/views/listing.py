"""Contract list (R17, R32)."""

import calendar
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.models import Membership
from common.days import Interval
from common.normal_forms import normalise_line
from common.paging import page_of
from contracts.models import Contract
from contracts.models.querysets import ContractQuerySet
from contracts.types import CHOICES, TYPES
from contracts.views.forms import ListFilters
from contracts.views.fragments import is_htmx
from contracts.views.scope import row_for

PAGE_SIZE = 20
DEFAULT_MONTHS = 3
FILTERS = ("since", "until", "type", "status")
"""Filters besides the search text."""


@require_safe
@member_page
def contract_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the account's contracts, newest first; by default those of the past three months (R17)."""
    params = _query_params(request)
    filters = ListFilters(params)
    contracts = Contract.objects.of(membership.account).with_facts_at(timezone.now())
    contracts = _filtered(contracts, filters, membership) if filters.is_valid() else contracts.none()
    page = page_of(contracts, request.GET.get("page"), size=PAGE_SIZE)
    context = {
        "filters": filters,
        "page": page,
        "rows": [row_for(contract, membership) for contract in page.rows],
        "narrowed": any(request.GET.get(name) for name in ("q", "type", "status")),
        "searched_everywhere": bool(params.get("q")) and not any(params.get(name) for name in FILTERS),
        "any_contract": bool(page.rows) or Contract.objects.of(membership.account).exists(),
        "types": TYPES.values(),
        "type_choices": CHOICES,
        "statuses": Contract.Status.choices,
        "may_act": membership.may_act,
    }
    return render(request, "contracts/_list.html" if is_htmx(request) else "contracts/list.html", context)


def _query_params(request: HttpRequest) -> dict[str, Any]:
    """Return the query parameters, by default of the past three months; a search covers all dates (R17).

    The page's form sends the default first day. A search ignores it, since the visitor did not choose it.
    """
    params = request.GET.dict()
    default = months_before(timezone.localdate(), DEFAULT_MONTHS).isoformat()
    if normalise_line(params.get("q", "")):
        if params.get("since") == default and not params.get("until"):
            params["since"] = ""
    elif not params.keys() & {"since", "until"}:
        params["since"] = default
    return params


def _filtered(contracts: ContractQuerySet, filters: ListFilters, membership: Membership) -> ContractQuerySet:
    wanted = filters.cleaned_data
    days = Interval(wanted["since"], wanted["until"])
    contracts = contracts.filter(days.on("applied_at", membership.account.tzinfo))
    if wanted["type"]:
        contracts = contracts.filter(type=wanted["type"])
    if wanted["status"]:
        contracts = contracts.shown_as(wanted["status"], timezone.now(), account=membership.account)
    return contracts.search(wanted["q"]) if wanted["q"] else contracts


def months_before(day: date, months: int) -> date:
    """Return the same day `months` earlier, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
