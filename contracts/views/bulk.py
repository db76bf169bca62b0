"""Exports and downloads of many contracts (R43)."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access.actors import actor_of
from accounts.access.member_page import member_page
from accounts.models import Membership
from common.forms import refuse_invalid
from contracts.bulk.archives import archive_response
from contracts.bulk.exporting import CONTRACTS
from contracts.bulk.filters import ContractFilter, require_contracts
from contracts.views.filters import read_filter, read_form
from exports.asking import export_response
from exports.exporters import to_parameters


@require_safe
@member_page
def export_contracts(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    """Answer with the export of what the list shows for the same filter, or lead to its page if it takes longer."""
    chosen = to_parameters(_requested_filter(request, membership))
    return export_response(CONTRACTS, membership, chosen, request.GET.get("format", "xlsx"))


@require_safe
@member_page
def download_contracts(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    """Answer with an archive of the documents, or of the evidence, of what the list shows for the same filter."""
    contracts = _requested_filter(request, membership).find(membership.account, timezone.now())
    kind, part = request.GET.get("kind", "current"), request.GET.get("part", "")
    return archive_response(contracts, kind=kind, part=part, by=actor_of(membership, "page"))


def _requested_filter(request: HttpRequest, membership: Membership) -> ContractFilter:
    """Return the list's filter, or that of the repeated `number`. Raises Refused `invalid`."""
    if numbers := request.GET.getlist("number"):
        return ContractFilter(numbers=require_contracts(membership.account, numbers, pointer="/number"))
    form = read_form(request.GET)
    refuse_invalid(form)
    return read_filter(form)
