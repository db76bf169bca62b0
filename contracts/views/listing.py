"""Contract list (R17, R32), and what waits for the member."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access.member_page import member_page
from accounts.models import Membership
from common.paging import page_of
from common.replica import reads_replica
from contracts.bulk.filters import NEWEST_FIRST, Todo
from contracts.bulk.todo import count_todo, mark_decisions_seen
from contracts.bulk.totals import get_totals
from contracts.models import Contract
from contracts.types import CHOICES, TYPES
from contracts.views.chips import chips_of
from contracts.views.filters import read_filter, read_form
from contracts.views.forms import PAGE_SIZES
from contracts.views.fragments import is_htmx
from contracts.views.scope import row_for

FILTERS = ("since", "until", "type", "status", "todo")
"""Filters besides the search text."""


@require_safe
@member_page
@reads_replica
def contract_list(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the account's contracts, newest first; by default those of the past three months (R17)."""
    form = read_form(request.GET)
    own = Contract.objects.of(membership.account)
    now = timezone.now()
    contracts = read_filter(form).find(membership.account, now) if form.is_valid() else own.none()
    size = form.cleaned_data.get("page_size") or PAGE_SIZES[0]
    page = page_of(contracts, request.GET.get("page"), size=size)
    context = {
        "filters": form,
        "chips": chips_of(form, request.GET) if form.is_valid() else [],
        "sort": form.cleaned_data.get("sort") or NEWEST_FIRST,
        "page": page,
        "rows": [row_for(contract, membership) for contract in page.rows],
        "page_size": size,
        "page_sizes": PAGE_SIZES,
        "totals": get_totals(contracts, page, is_search=bool(form.data.get("q"))),
        "narrowed": any(request.GET.get(name) for name in ("q", "type", "status", "todo")),
        "searched_everywhere": bool(form.data.get("q")) and not any(form.data.get(name) for name in FILTERS),
        "any_contract": bool(page.rows) or own.exists(),
        "types": TYPES.values(),
        "type_choices": CHOICES,
        "statuses": Contract.Status.choices,
        "may_act": membership.may_act,
    }
    if is_htmx(request):
        return render(request, "contracts/_list.html", context)
    shows_todo = membership.may_act and not form.data.get("q")  # who searches wants something else
    context["todo"] = count_todo(membership, now) if shows_todo else None
    return render(request, "contracts/list.html", context)


@require_POST
@member_page
def decisions(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Mark the decisions on void requests as seen by this member, and lead to those of the past month."""
    mark_decisions_seen(membership)
    return redirect(f"{reverse('contract-list')}?todo={Todo.DECIDED}&since=&until=")
