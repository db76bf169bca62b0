from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.models import Account
from api.amounts import AmountField, PercentField
from api.authentication import member_or_integrator
from api.etags import Tagged
from api.json_fields import ReasonSerializer
from api.paging import KeysetPagination
from api.parsing import length_of
from api.schema import PAGING, page_of, query, refuses, repeated
from api.shown import ShownList, ShownNumber, ShownPairs, ShownText, column, currency
from api.sync import SYNC_PARAMETERS, read_sync
from common.days import Interval
from common.errors import Fault
from common.money import plain_amount
from common.normal_forms import normalise_code
from contracts.eligibility import describe_live_contracts, find_order_faults, picker_rows, without_barred
from contracts.models import Contract
from contracts.types import CHOICES, TYPES, ContractType
from orders.facts import FACTS, Fact, Type
from orders.importing.parsers import MAX_ITEM_CHARS, MAX_ITEMS, MAX_KEY_CHARS, MAX_VALUE_CHARS
from orders.models import Order, OrderQuerySet, Product

MAX_STATUSES = 10
"""Maximum statuses of one request, repetitions included."""
MAX_SEARCH_CHARS = 200
"""Maximum length of a searched text: that of the longest name."""


class Statuses(serializers.ListField):
    """The values of the repeated query parameter `status`."""

    def __init__(self, choices: Sequence[Any]) -> None:
        super().__init__(child=serializers.ChoiceField(choices=choices), max_length=MAX_STATUSES)

    def to_internal_value(self, data: Any) -> list[Any]:
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            inner = error.detail.values() if isinstance(error.detail, dict) else [error.detail]
            raise serializers.ValidationError(next(iter(inner))) from error  # the name of the parameter says enough


class LiveContractSerializer(serializers.Serializer):
    number = column(Contract, "number")
    type = serializers.ChoiceField(choices=CHOICES)
    status = serializers.ChoiceField(choices=[(status, status.label) for status in Contract.LIVE])


class ProductSerializer(serializers.Serializer):
    code = column(Product, "code")
    name = column(Product, "name")


def fact_field(fact: Fact) -> serializers.Field:
    """Return the response member of a fact."""
    field: serializers.Field
    match fact.type:
        case Type.TEXT:
            field = column(Order, fact.name)
        case Type.CHOICE:
            field = serializers.ChoiceField(choices=fact.field.flatchoices)
        case Type.COUNT:
            field = ShownNumber(1)
        case Type.AMOUNT:
            field = AmountField(allow_null=fact.field.null)
        case Type.TIME:
            field = serializers.DateTimeField(allow_null=fact.field.null)
        case Type.PERCENT:
            field = PercentField(allow_null=True)
        case Type.PAIRS:
            names = {"minLength": 1, "maxLength": MAX_KEY_CHARS}
            field = ShownPairs(ShownText(MAX_VALUE_CHARS), MAX_ITEMS, names=names)
        case Type.LIST:
            field = ShownList(ShownText(MAX_ITEM_CHARS), MAX_ITEMS)
    return field


class OrderSerializer(serializers.Serializer):
    """An order with its current status. `eligible` and `reason` refer to `eligible_for`, and are null without it.

    `contract` is the live contract that holds it.
    """

    number = column(Order, "number")
    account = column(Account, "number", source="account.number")
    product = ProductSerializer()
    status = serializers.SerializerMethodField()
    currency = currency()
    unpaid_amount = serializers.SerializerMethodField()
    paid_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(help_text="Last change of the order, as stored.")
    contract = serializers.SerializerMethodField()
    eligible = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {fact.name: fact_field(fact) for fact in FACTS}

    @extend_schema_field(serializers.ChoiceField(choices=Order.Status.choices))
    def get_status(self, order: Order) -> str:
        return order.status_on(self.context["now"])

    @extend_schema_field(AmountField())
    def get_unpaid_amount(self, order: Order) -> str:
        return plain_amount(order.unpaid_on(self.context["now"]), order.currency)

    @extend_schema_field(LiveContractSerializer(allow_null=True))
    def get_contract(self, order: Order) -> dict[str, str] | None:
        contract = self.context["contracts"].get(order.pk)
        return asdict(contract) if contract else None

    def get_eligible(self, order: Order) -> bool | None:
        faults = self.context["faults"]
        return None if faults is None else faults[order.pk] is None

    @extend_schema_field(ReasonSerializer(allow_null=True))
    def get_reason(self, order: Order) -> dict[str, str | None] | None:
        fault: Fault | None = (self.context["faults"] or {}).get(order.pk)
        if fault is None:
            return None
        return {"code": fault.code, "detail": fault.detail, "contract": fault.blocked_by or None}


ORDER_FILTERS = (
    query("eligible_for", str, "Orders with the status that this contract type takes.", enum=list(TYPES)),
    query(
        "eligible",
        str,
        "With `eligible_for`: only orders without a `reason`. Pages may have fewer rows.",
        enum=["true"],
    ),
    query("product", MAX_SEARCH_CHARS, "Orders with this product code, or with this in the product's name."),
    query("from", date, "Paid (for `order`), else ordered, on this day or later, in the account's time zone."),
    query("to", date, "On this day or earlier."),
    repeated("status", Order.Status.values, MAX_STATUSES, "Orders with this current status; repeated for several."),
    query("account", length_of(Account, "number"), "Orders of the account with this number."),
    query(
        "q",
        length_of(Order, "number"),
        "Orders with this in their number. Case, spaces and dashes do not matter. Integrators also send `account`.",
    ),
)


class _Filter(serializers.Serializer):
    """`from` and `to` are inclusive dates: of payment for `eligible_for=order`, of ordering otherwise."""

    eligible_for = serializers.ChoiceField(choices=CHOICES, allow_blank=True, default="")
    eligible = serializers.ChoiceField(choices=["true"], allow_blank=True, default="")
    product = serializers.CharField(allow_blank=True, default="", max_length=MAX_SEARCH_CHARS)
    status = Statuses(Order.Status.choices)
    account = serializers.CharField(allow_blank=True, default="", max_length=length_of(Account, "number"))
    q = serializers.CharField(allow_blank=True, default="", max_length=length_of(Order, "number"))

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["eligible"] and not given["eligible_for"]:
            raise serializers.ValidationError({"eligible": _("Send eligible_for too.")})
        if given["q"] and not given["account"] and self.context["actor"].account is None:
            raise serializers.ValidationError({"q": _("Send account too: a search covers one account.")})
        return given


class OrderListView(Tagged):
    query_parameters = (*ORDER_FILTERS, *SYNC_PARAMETERS, *PAGING)
    repeatable = ("status",)

    def get_actor(self, request: Request) -> Actor:
        return member_or_integrator(request)

    @extend_schema(
        operation_id="list_orders",
        summary="The account's orders; for integrators, the orders of all accounts",
        responses=page_of(OrderSerializer),
    )
    @refuses("invalid", "not_found")
    def get(self, request: Request) -> Response:
        now = timezone.now()
        given = self._read_filter(request)
        type_ = TYPES.get(given["eligible_for"])
        rows = read_sync(request).apply(self._find(request, given, type_, now))
        pages = KeysetPagination()
        page: list[Order] = pages.paginate_queryset(rows.select_related("product", "account"), request, view=self)
        faults = find_order_faults(page, type_, now=now) if type_ else None
        if faults and given["eligible"]:
            page = [order for order in page if faults[order.pk] is None]  # the database cannot tell what is printable
        contracts = describe_live_contracts(page, now=now)
        shown = OrderSerializer(page, many=True, context={"now": now, "faults": faults, "contracts": contracts})
        return pages.get_paginated_response(shown.data)

    def _read_filter(self, request: Request) -> dict[str, Any]:
        """Return the filters. Raises ValidationError naming the parameter at fault."""
        statuses = [status for status in request.query_params.getlist("status") if status]
        read = _Filter(data=request.query_params.dict() | {"status": statuses}, context={"actor": self.actor})
        read.is_valid(raise_exception=True)
        return read.validated_data

    def _find(
        self, request: Request, given: dict[str, Any], type_: ContractType | None, now: datetime
    ) -> OrderQuerySet:
        account = self.actor.account
        if type_:
            rows, dated_by = picker_rows(account, type_, now=now), type_.dated_by
            rows = without_barred(rows, now=now) if given["eligible"] else rows
        else:
            rows, dated_by = Order.objects.of(account), "ordered_at"
        if given["account"]:
            rows = rows.filter(account__number=normalise_code(given["account"]))
        if given["product"]:
            # As a list: of a product that nobody ordered, or of none, all orders there are would be looked through.
            rows = rows.filter(product__in=list(Product.objects.named(given["product"])))
        if given["status"]:
            rows = rows.shown_as_any(given["status"], now)
        if given["q"]:
            rows = rows.with_part_of_number(given["q"])
        zone = account.tzinfo if account else ZoneInfo(settings.TIME_ZONE)
        return rows.filter(interval_of(request).on(dated_by, zone))


def get_order(actor: Actor, number: str) -> Order:
    """Return the order if the actor may see it. Raises Http404 otherwise (R26)."""
    orders = Order.objects.of(actor.account).select_related("product", "account")
    return get_object_or_404(orders, number=number)


def represented(order: Order) -> dict[str, Any]:
    """Return the order's current representation. Eligibility is only computed for lists."""
    now = timezone.now()
    contracts = describe_live_contracts([order], now=now)
    return OrderSerializer(order, context={"now": now, "faults": None, "contracts": contracts}).data


def represent_locked(number: str) -> dict[str, Any]:
    """Lock the order and return its representation; empty if there is no such order."""
    orders = Order.objects.select_for_update(of=("self",)).select_related("product", "account")
    order = orders.filter(number=number).first()
    return represented(order) if order else {}


def interval_of(request: Request, first: str = "from", last: str = "to") -> Interval:
    """Parse two date parameters. Raises ValidationError naming the one that is not a date."""
    days: dict[str, Any] = {}
    for name in (first, last):
        if given := request.query_params.get(name):
            try:
                days[name] = serializers.DateField().run_validation(given)
            except serializers.ValidationError as error:
                raise serializers.ValidationError({name: error.detail}) from error
    return Interval(days.get(first), days.get(last))
