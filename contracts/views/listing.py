"""Contract Management: the list (R17, R32)."""

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
from contracts.views.fragments import part_wanted
from contracts.views.scope import shown

PAGE_SIZE = 20
MONTHS_SHOWN = 3
NARROWING = ("since", "until", "type", "status")
"""What narrows the list besides a text."""


@require_safe
@member_page
def contract_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The account's contracts, newest first, of the past three months unless other days are asked for (R17)."""
    asked = _asked(request)
    filters = ListFilters(asked)
    contracts = Contract.objects.of(membership.account).with_facts_at(timezone.now())
    contracts = _filtered(contracts, filters, membership) if filters.is_valid() else contracts.none()
    page = page_of(contracts, request.GET.get("page"), size=PAGE_SIZE)
    context = {
        "filters": filters,
        "page": page,
        "rows": [shown(contract, membership) for contract in page.rows],
        "narrowed": any(request.GET.get(name) for name in ("q", "type", "status")),
        "searched_everywhere": bool(asked.get("q")) and not any(asked.get(name) for name in NARROWING),
        "any_contract": bool(page.rows) or Contract.objects.of(membership.account).exists(),
        "types": TYPES.values(),
        "type_choices": CHOICES,
        "statuses": Contract.Status.choices,
        "may_act": membership.may_act,
    }
    return render(request, "contracts/_list.html" if part_wanted(request) else "contracts/list.html", context)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return what the address asks for: without days the past three months, and with a search all days (R17).

    The form of the page sends the first day that it opened with. That is no choice, so a search ignores it.
    """
    asked = request.GET.dict()
    default = months_before(timezone.localdate(), MONTHS_SHOWN).isoformat()
    if normalise_line(asked.get("q", "")):
        if asked.get("since") == default and not asked.get("until"):
            asked["since"] = ""
    elif not asked.keys() & {"since", "until"}:
        asked["since"] = default
    return asked


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
    """The same day so many months earlier; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
