from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from api.amounts import AmountField, PercentField
from api.authentication import member_or_integrator
from api.json_fields import ReasonSerializer
from api.paging import KeysetPagination
from api.schema import PAGING, page_of, query, refuses
from api.views import ApiView
from common.days import Interval
from common.errors import Fault
from common.money import plain_amount
from contracts.eligibility import find_order_faults, picker_rows
from contracts.types import CHOICES, TYPES, ContractType
from orders.facts import FACTS, Fact, Type
from orders.models import Order, OrderQuerySet, Product


class ProductSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


def fact_field(fact: Fact) -> serializers.Field:
    """Return the response member of a fact."""
    field: serializers.Field
    match fact.type:
        case Type.TEXT:
            field = serializers.CharField()
        case Type.CHOICE:
            field = serializers.ChoiceField(choices=fact.field.flatchoices)
        case Type.COUNT:
            field = serializers.IntegerField()
        case Type.AMOUNT:
            field = AmountField(allow_null=fact.field.null)
        case Type.TIME:
            field = serializers.DateTimeField(allow_null=fact.field.null)
        case Type.PERCENT:
            field = PercentField(allow_null=True)
        case Type.PAIRS:
            field = serializers.DictField(child=serializers.CharField())
        case Type.LIST:
            field = serializers.ListField(child=serializers.CharField())
    return field


class OrderSerializer(serializers.Serializer):
    """An order with its current status. `eligible` and `reason` refer to `eligible_for`, and are null without it."""

    number = serializers.CharField()
    account = serializers.CharField(source="account.number")
    product = ProductSerializer()
    status = serializers.SerializerMethodField()
    currency = serializers.CharField()
    unpaid_amount = serializers.SerializerMethodField()
    paid_at = serializers.DateTimeField(allow_null=True)
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

    def get_eligible(self, order: Order) -> bool | None:
        faults = self.context["faults"]
        return None if faults is None else faults[order.pk] is None

    @extend_schema_field(ReasonSerializer(allow_null=True))
    def get_reason(self, order: Order) -> dict[str, str | None] | None:
        fault: Fault | None = (self.context["faults"] or {}).get(order.pk)
        if fault is None:
            return None
        return {"code": fault.code, "detail": fault.detail, "contract": fault.blocked_by or None}


class OrderFilter(django_filters.FilterSet):
    """`from` and `to` are inclusive dates: of payment for `eligible_for=order`, of ordering otherwise."""

    eligible_for = django_filters.ChoiceFilter(choices=CHOICES, method="nothing")
    product = django_filters.CharFilter(method="by_product")
    status = django_filters.ChoiceFilter(choices=Order.Status, method="shown_as")

    class Meta:
        model = Order
        fields: list[str] = []

    def nothing(self, orders: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return orders  # the view chooses the rows by it

    def shown_as(self, orders: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return orders.shown_as(value, timezone.now())

    def by_product(self, orders: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        # As a list: of a product that nobody ordered, or of none, all orders there are would be looked through.
        return orders.filter(product__in=list(Product.objects.named(value)))


class OrderListView(ApiView):
    query_parameters = (
        query("eligible_for", str, "Orders with the status that this contract type takes.", enum=list(TYPES)),
        query("product", str, "Orders with this product code, or with this in the product's name."),
        query("from", date, "Paid (for `order`), else ordered, on this day or later, in the account's time zone."),
        query("to", date, "On this day or earlier."),
        query("status", str, "Orders with this current status.", enum=Order.Status.values),
        *PAGING,
    )

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
        type_ = TYPES.get(request.query_params.get("eligible_for", ""))
        orders = self._rows(request, self.actor, type_, now).select_related("product", "account")
        pages = KeysetPagination()
        page: list[Order] = pages.paginate_queryset(orders, request, view=self)
        faults = find_order_faults(page, type_, now=now) if type_ else None
        rows = OrderSerializer(page, many=True, context={"now": now, "faults": faults})
        return pages.get_paginated_response(rows.data)

    def _rows(self, request: Request, actor: Actor, type_: ContractType | None, now: datetime) -> OrderQuerySet:
        if type_:
            rows, dated_by = picker_rows(actor.account, type_, now=now), type_.dated_by
        else:
            rows, dated_by = Order.objects.of(actor.account).select_related("product"), "ordered_at"
        filters = OrderFilter(request.query_params, queryset=rows)
        if not filters.is_valid():
            raise serializers.ValidationError(filters.errors)
        zone = actor.account.tzinfo if actor.account else ZoneInfo(settings.TIME_ZONE)
        return filters.qs.filter(interval_of(request).on(dated_by, zone))


def get_order(actor: Actor, number: str) -> Order:
    """Return the order if the actor may see it. Raises Http404 otherwise (R26)."""
    orders = Order.objects.of(actor.account).select_related("product", "account")
    return get_object_or_404(orders, number=number)


def represented(order: Order) -> dict[str, Any]:
    """Return the order's current representation. Eligibility is only computed for lists."""
    return OrderSerializer(order, context={"now": timezone.now(), "faults": None}).data


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
