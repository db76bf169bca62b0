"""Query parameters that choose contracts: of the list, of exports and of downloads."""

from dataclasses import replace
from datetime import date

from rest_framework import serializers
from rest_framework.request import Request

from accounts.access.actors import Actor
from accounts.models import Account, TestAccounts
from api.orders import MAX_SEARCH_CHARS, MAX_STATUSES, Statuses, interval_of
from api.parsing import length_of
from api.schema import query, repeated
from contracts.bulk.filters import MAX_NUMBERS, ContractFilter, require_contracts
from contracts.models import Contract
from contracts.types import CHOICES, TYPES
from orders.models import Order

CONTRACT_FILTERS = (
    query("type", str, "Contracts of this type.", enum=list(TYPES)),
    repeated(
        "status", Contract.Status.values, MAX_STATUSES, "Contracts with this current status; repeated for several."
    ),
    query("applied_from", date, "Contracts drafted on this day or later, in the account's time zone."),
    query("applied_to", date, "Contracts drafted on this day or earlier."),
    query("account", length_of(Account, "number"), "Contracts of the account with this number."),
    query(
        "test",
        str,
        "Contracts of test accounts, which lists over all accounts leave out: `include` them, or `only` them. With "
        "`account`, and for members, the account decides.",
        enum=TestAccounts.values,
    ),
    query(
        "order",
        length_of(Order, "number"),
        "Contracts over the order with this number. Case, spaces and dashes do not matter.",
    ),
    query(
        "product", MAX_SEARCH_CHARS, "Contracts over an order of the product with this code or with this in its name."
    ),
    query(
        "po_number",
        length_of(Contract, "po_number"),
        "Contracts with this purchase order number. Case does not matter.",
    ),
    query(
        "q",
        MAX_SEARCH_CHARS,
        "Contracts with this in their number, order numbers, PO number, remarks, products or Party A's name. One or "
        "two Latin letters or digits are found at the beginning of words.",
    ),
)
NUMBERS = repeated("number", length_of(Contract, "number"), MAX_NUMBERS, "With this number; repeated for several.")


class _Filter(serializers.Serializer):
    type = serializers.ChoiceField(choices=CHOICES, allow_blank=True, default="")
    status = Statuses(Contract.Status.choices)
    account = serializers.CharField(allow_blank=True, default="", max_length=length_of(Account, "number"))
    test = serializers.ChoiceField(TestAccounts.choices, allow_blank=True, default="")
    order = serializers.CharField(allow_blank=True, default="", max_length=length_of(Order, "number"))
    product = serializers.CharField(allow_blank=True, default="", max_length=MAX_SEARCH_CHARS)
    po_number = serializers.CharField(allow_blank=True, default="", max_length=length_of(Contract, "po_number"))
    q = serializers.CharField(allow_blank=True, default="", max_length=MAX_SEARCH_CHARS)


def read_contract_filter(request: Request) -> ContractFilter:
    """Return the filter. Raises ValidationError naming the parameter at fault."""
    statuses = [status for status in request.query_params.getlist("status") if status]
    read = _Filter(data=request.query_params.dict() | {"status": statuses})
    read.is_valid(raise_exception=True)
    given = read.validated_data
    days = interval_of(request, "applied_from", "applied_to")
    return ContractFilter(since=days.first, until=days.last, statuses=tuple(given.pop("status")), **given)


def read_contract_choice(request: Request, actor: Actor) -> ContractFilter:
    """Return the filter, with the repeated `number`. Raises Refused `invalid` for an unknown one."""
    numbers = require_contracts(actor.own_account, request.query_params.getlist("number"), pointer="/number")
    return replace(read_contract_filter(request), numbers=numbers)
