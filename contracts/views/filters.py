"""Read the contract list's filter from an address: for the list, exports, downloads and batches (R17, R43)."""

import calendar
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from common.normal_forms import normalise_line
from contracts.bulk.filters import ContractFilter
from contracts.views.forms import ListFilters

DEFAULT_MONTHS = 3
FILTERED = ("since", "until", "type", "product", "po_number", "q", "todo", "sort")


def read_form(given: QueryDict) -> ListFilters:
    """Return the bound form, by default of the past three months; a search covers all dates (R17).

    The page's form sends the default first day. A search ignores it, since the visitor did not choose it.
    """
    params: dict[str, Any] = given.dict()
    default = months_before(timezone.localdate(), DEFAULT_MONTHS).isoformat()
    if normalise_line(params.get("q", "")):
        if params.get("since") == default and not params.get("until"):
            params["since"] = ""
    elif not params.keys() & {"since", "until"}:
        params["since"] = default
    return ListFilters(params)


def read_filter(form: ListFilters) -> ContractFilter:
    """Return the filter of a valid form."""
    status = form.cleaned_data["status"]
    chosen = {name: form.cleaned_data[name] for name in FILTERED}
    return ContractFilter(statuses=(status,) if status else (), **chosen)


def months_before(day: date, months: int) -> date:
    """Return the same day `months` earlier, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
