"""Filters of the picker: the rows that they find, and how many of those can be selected (R8, R9)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import Account
from common.days import Interval
from common.normal_forms import normalise_identifier
from contracts.eligibility import picker_rows, without_barred
from contracts.models import Selection
from contracts.services.selections import MAX_SELECTED
from contracts.views.forms import PickerFilters
from orders.models import OrderQuerySet, Product
from orders.numbers import NUMBER_KEY

NAMES = ("product", "since", "until", "sort", "available")


def read_filters(given: Mapping[str, Any], account: Account, now: datetime) -> PickerFilters:
    """Return the bound form, by default for the current month in the account's time zone (R9)."""
    params = {name: given[name] for name in NAMES if name in given}
    if not params.keys() & {"since", "until"}:
        month = Interval.month_of(now, account.tzinfo)
        params |= {"since": month.first, "until": month.last}
    return PickerFilters(params)


def to_query(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters as query parameters. Empty days are kept: they mean all dates."""
    return {name: given[name] for name in NAMES if given.get(name) or (name in ("since", "until") and name in given)}


def sort_of(filters: PickerFilters) -> str:
    return filters.cleaned_data["sort"] if filters.is_valid() else ""


def find_rows(selection: Selection, filters: PickerFilters, now: datetime) -> OrderQuerySet:
    """Return the picker's rows for the filters, selected or not.

    The number of one order finds it whatever the days: visitors rarely know the date of a number. A part of a number is
    looked for from a day on only, because that reads every order in between.
    """
    type_ = selection.contract_type
    rows = picker_rows(selection.account, type_, now=now, sort=sort_of(filters))
    if not filters.is_valid():
        return rows.none()
    params = filters.cleaned_data
    if params["available"]:
        rows = without_barred(rows, now=now)
    product = params["product"]
    if product and (numbered := rows.numbered(product)).exists():
        return numbered
    wanted = Interval(params["since"], params["until"]).on(type_.dated_by, selection.account.tzinfo)
    if product:
        named = Q(product__in=Product.objects.named(product))
        if params["since"] and (part := normalise_identifier(product)):
            rows = rows.alias(number_key=NUMBER_KEY)
            named |= Q(number_key__contains=part)
        wanted &= named
    return rows.filter(wanted)


def count_selectable(others: OrderQuerySet, *, now: datetime) -> int:
    """Return how many of the rows that are not selected can be, counting up to one more than MAX_SELECTED."""
    return without_barred(others, now=now).order_by()[: MAX_SELECTED + 1].count()
