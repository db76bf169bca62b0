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

from billing.access import Actor
from billing.days import Interval
from billing.errors import Fault
from billing.money import plain_amount
from contracts.api.amounts import AmountField
from contracts.api.auth import member_or_integrator
from contracts.api.base import ApiView
from contracts.api.pages import KeysetPagination
from contracts.api.schema import PAGING, page_of, query, refuses
from contracts.api.shapes import ReasonSerializer
from contracts.eligibility import DATED_BY, faults_of, picker_rows
from contracts.models import Contract
from orders.models import Order, OrderQuerySet, Product


class ProductSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class OrderSerializer(serializers.Serializer):
    """An order as it is now. `eligible` and `reason` are for the contract type asked about, else null."""

    number = serializers.CharField()
    account = serializers.CharField(source="account.number")
    product = ProductSerializer()
    kind = serializers.ChoiceField(choices=Order.Kind.choices)
    configuration = serializers.CharField()
    region = serializers.CharField()
    quantity = serializers.IntegerField()
    status = serializers.SerializerMethodField()
    currency = serializers.CharField()
    list_amount = AmountField()
    payable_amount = AmountField()
    unpaid_amount = serializers.SerializerMethodField()
    ordered_at = serializers.DateTimeField()
    payment_deadline = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    service_start = serializers.DateTimeField(allow_null=True)
    service_end = serializers.DateTimeField(allow_null=True)
    eligible = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

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
        return {"code": fault.code, "detail": fault.detail, "contract": fault.contract or None}


class OrderFilter(django_filters.FilterSet):
    """`from` and `to` are days, both included, of payment for `eligible_for=order` and of ordering otherwise."""

    eligible_for = django_filters.ChoiceFilter(choices=Contract.Type, method="nothing")
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
        query("eligible_for", str, "Those that a contract of this type takes.", enum=Contract.Type.values),
        query("product", str, "With this product code, or this in the product's name."),
        query("from", date, "Paid (for `order`), else ordered, on this day or later, in the account's time zone."),
        query("to", date, "On this day or earlier."),
        query("status", str, "With this status now.", enum=Order.Status.values),
        *PAGING,
    )

    def get_actor(self, request: Request) -> Actor:
        return member_or_integrator(request)

    @extend_schema(
        operation_id="list_orders",
        summary="Orders: the account's, or for integrators those of all",
        responses=page_of(OrderSerializer),
    )
    @refuses("invalid", "not_found")
    def get(self, request: Request) -> Response:
        now = timezone.now()
        type_ = request.query_params.get("eligible_for", "")
        orders = self._rows(request, self.actor, type_, now).select_related("product", "account")
        pages = KeysetPagination()
        page: list[Order] = pages.paginate_queryset(orders, request, view=self)
        faults = faults_of(page, type_, now=now) if type_ else None
        rows = OrderSerializer(page, many=True, context={"now": now, "faults": faults})
        return pages.get_paginated_response(rows.data)

    def _rows(self, request: Request, actor: Actor, type_: str, now: datetime) -> OrderQuerySet:
        if type_ in Contract.Type:
            rows, dated_by = picker_rows(actor.account, type_, now=now), DATED_BY[Contract.Type(type_)]
        else:
            rows, dated_by = Order.objects.of(actor.account).select_related("product"), "ordered_at"
        filters = OrderFilter(request.query_params, queryset=rows)
        if not filters.is_valid():
            raise serializers.ValidationError(filters.errors)
        zone = actor.account.tzinfo if actor.account else ZoneInfo(settings.TIME_ZONE)
        return filters.qs.filter(interval_of(request).on(dated_by, zone))


def found(actor: Actor, number: str) -> Order:
    """The order, if the actor may see it. Raises Http404 for any other (R26)."""
    orders = Order.objects.of(actor.account).select_related("product", "account")
    return get_object_or_404(orders, number=number)


def represented(order: Order) -> dict[str, Any]:
    """The order as the API tells it now; what of it may enter a contract is asked of the list."""
    return OrderSerializer(order, context={"now": timezone.now(), "faults": None}).data


def represent_locked(number: str) -> dict[str, Any]:
    """Lock the order and return it as the API tells it now. Empty where there is none."""
    orders = Order.objects.select_for_update(of=("self",)).select_related("product", "account")
    order = orders.filter(number=number).first()
    return represented(order) if order else {}


def interval_of(request: Request, first: str = "from", last: str = "to") -> Interval:
    """The days of two query parameters. Raises ValidationError naming the one that is no date."""
    days: dict[str, Any] = {}
    for name in (first, last):
        if given := request.query_params.get(name):
            try:
                days[name] = serializers.DateField().run_validation(given)
            except serializers.ValidationError as error:
                raise serializers.ValidationError({name: error.detail}) from error
    return Interval(days.get(first), days.get(last))
