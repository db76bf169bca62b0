"""Buttons of the picker that change the selection: check, select all results, paste, clear (R8, R14, R26)."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import Fault
from contracts.eligibility import MAX_ORDERS, without_barred
from contracts.models import Selection
from contracts.services import selections
from contracts.services.pasted_numbers import read_pasted
from contracts.views.picker_filters import find_rows, read_filters, sort_of

MAX_LISTED = 5
"""Maximum order numbers listed in a warning."""


def save_picks(request: HttpRequest, selection: Selection) -> Sequence[Fault]:
    """Save the checked orders and what the button adds or removes (R14). Return why pasted numbers are left out."""
    data = request.POST
    shown = data.getlist("shown")
    checked = selections.find_eligible(selection, shown) if "all" in data else data.getlist("order_numbers")
    unknown = selections.save_picks(selection, shown=shown, checked=checked)
    if unknown:
        numbers = ", ".join(unknown[:MAX_LISTED])
        messages.error(request, _("Left out because they are not orders of this account: %s") % numbers)
    if removed := _removed(request, selection):
        selections.save_picks(selection, shown=removed, checked=[])
    if "results" in data:
        _add(request, selection, _find_results(request, selection))
    if "paste" not in data:
        return []
    pasted = read_pasted(data.get("pasted", ""), selection.account, selection.contract_type, now=timezone.now())
    _add(request, selection, pasted.numbers)
    return pasted.faults


def _add(request: HttpRequest, selection: Selection, numbers: Sequence[str]) -> None:
    """Add the orders to the selection, and say how many were added, or that it is full."""
    before = len(selection.order_numbers)
    selections.save_picks(selection, shown=[], checked=numbers)
    added = len(selection.order_numbers) - before
    text = ngettext("%(count)d order added to the selection.", "%(count)d orders added to the selection.", added)
    messages.info(request, text % {"count": added})
    if not set(numbers) <= set(selection.order_numbers):
        full = _("At most %(most)d orders can be selected; the others were left out.")
        messages.warning(request, full % {"most": selections.MAX_SELECTED})


def _find_results(request: HttpRequest, selection: Selection) -> list[str]:
    """Return the numbers of the orders that the filters find and that can be selected, in the order of the list.

    The button says whether as many as one contract can include, or as many as a selection.
    """
    now = timezone.now()
    most = MAX_ORDERS if request.POST["results"] == "contract" else selections.MAX_SELECTED
    filters = read_filters(request.POST, selection.account, now)
    rows = without_barred(find_rows(selection, filters, now), now=now).exclude(number__in=selection.order_numbers)
    numbers = list(rows.values_list("number", flat=True)[:most])
    eligible = set(selections.find_eligible(selection, numbers))  # some have characters that cannot be printed
    return [number for number in numbers if number in eligible]


def _removed(request: HttpRequest, selection: Selection) -> list[str]:
    """Return the numbers that the button removes: all, those above the limit, or those of a currency."""
    data = request.POST
    if "clear" in data:
        return list(selection.order_numbers)
    if not data.keys() & {"first", "without"}:
        return []
    now = timezone.now()
    sort = sort_of(read_filters(data, selection.account, now))
    picked = selections.get_picked(selection, now=now, sort=sort)
    if "first" in data:
        return [order.number for order in picked.orders[MAX_ORDERS:]]
    return dict(picked.other_currencies).get(data["without"], [])
