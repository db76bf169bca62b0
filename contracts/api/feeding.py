"""Orders from the company's order system, by integrators alone (R26): one (PUT) or up to a thousand at once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.errors import Fault, Refused, sound
from billing.transactions import in_transaction
from contracts.api.auth import integrator
from contracts.api.etags import require_match
from contracts.api.idempotency import once
from contracts.api.orders import OrderSerializer, ProductSerializer, represented
from contracts.api.problems import errors_of, token
from contracts.api.schema import ErrorSerializer, refuses
from orders.importing import COLUMNS, OrderRow, Outcome, read_row, write_orders
from orders.models import Order

MOST_ORDERS = 1000
DERIVED = OrderSerializer().fields.keys() - COLUMNS.keys() - {"product"}
"""What the API says of an order and nobody tells it: an order that was read may be sent back as it is."""


class OrderToldSerializer(serializers.Serializer):
    """An order as the order system tells of it. Members that the API adds when it is read are passed over."""

    number = serializers.CharField(required=False, help_text="That of the address, which is enough.")
    account = serializers.CharField()
    product = ProductSerializer(help_text="Or two members, product_code and product_name.")
    kind = serializers.ChoiceField(choices=Order.Kind.choices)
    configuration = serializers.CharField(max_length=1000, required=False)
    region = serializers.CharField(max_length=100, required=False)
    quantity = serializers.IntegerField(min_value=1)
    currency = serializers.RegexField("^[A-Z]{3}$", help_text="ISO 4217.")
    list_amount = serializers.DecimalField(15, 2)
    payable_amount = serializers.DecimalField(15, 2)
    paid_amount = serializers.DecimalField(15, 2, required=False, help_text="It follows from the status.")
    status = serializers.ChoiceField(choices=Order.Status.choices)
    ordered_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(required=False, allow_null=True)
    service_start = serializers.DateTimeField(required=False, allow_null=True)
    service_end = serializers.DateTimeField(required=False, allow_null=True)


class ImportSerializer(serializers.Serializer):
    orders = serializers.ListField(child=OrderToldSerializer(), max_length=MOST_ORDERS)


class ResultSerializer(serializers.Serializer):
    number = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["created", "updated", "unchanged", "failed"])
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]
    warnings = ErrorSerializer(
        many=True, help_text="What keeps the order, which was written, out of contracts: such as an emoji."
    )


class ResultsSerializer(serializers.Serializer):
    """One result an order, in their order."""

    results = ResultSerializer(many=True)


def row_of(given: Any, *, number: str | None = None) -> OrderRow:
    """The order that a JSON object tells of: the columns of the CSV format as members, `product` as read or in two.

    Amounts may be strings or numbers; `paid_amount` may be left out, for it follows from the status (R33). `number`
    is that of the address, where there is one. Raises Refused with one fault a member.
    """
    if not isinstance(given, dict):
        raise Refused("invalid", _("An order is an object."))
    faults: list[Fault] = []
    values = _flat(given, faults)
    if number is not None:
        values.setdefault("number", number)
    if not values.get("paid_amount"):
        settled = values.get("status") in (Order.Status.PAID, Order.Status.REFUNDED)
        values["paid_amount"] = values.get("payable_amount", "") if settled else "0"
    if faults:
        raise Refused.because(faults)
    row = read_row(values)
    if number not in (None, row.number):  # as read, without white space around, which an address may have too
        raise Refused("invalid", _("It differs from the number in the address."), pointer="/number")
    return row


def _flat(given: Mapping[str, Any], faults: list[Fault]) -> dict[str, str]:
    """The members as text by column; what is no text or number, or no member of an order, is added to `faults`."""
    members = {str(name): value for name, value in given.items() if name not in DERIVED}
    product = members.pop("product", {})
    if isinstance(product, dict):
        members = {f"product_{name}": value for name, value in product.items()} | members
    else:
        faults.append(Fault("invalid", _("It must be an object with code and name."), "/product"))
    values = {}
    for name, value in members.items():
        pointer = f"/{token(name)}"
        if name not in COLUMNS:
            faults.append(Fault("invalid", _("An order has no such member."), pointer))
        elif isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | None):
            faults.append(Fault("invalid", _("It must be text or a number."), pointer))
        else:
            values[name] = "" if value is None else str(value)
    return values


class ImportView(APIView):
    @extend_schema(
        operation_id="import_orders",
        summary="Create or update up to 1,000 orders (integrators)",
        request=ImportSerializer,
        responses={200: ResultsSerializer},
    )
    @once
    @refuses("too_many_orders")
    def post(self, request: Request) -> Response:
        """Create or update up to MOST_ORDERS orders; each fails or is written by itself."""
        integrator(request)
        given = request.data.get("orders") if isinstance(request.data, dict) else None
        if not isinstance(given, list):
            raise Refused("invalid", _("Give the orders as a list."), pointer="/orders")
        if len(given) > MOST_ORDERS:
            detail = _("At most %(limit)d orders at once; %(count)d were given.")
            raise Refused("too_many_orders", detail % {"limit": MOST_ORDERS, "count": len(given)}, pointer="/orders")
        return Response({"results": _import(given)})


def _import(given: list[Any]) -> list[dict[str, Any]]:
    """One result an order, in their order; pointers are those of the body (RFC 6901)."""
    rows: dict[int, OrderRow] = {}
    outcomes: dict[int, Outcome] = {}
    seen: dict[str, int] = {}
    for i, order in enumerate(given):
        try:
            row = row_of(order)
            first = seen.setdefault(row.number, i)
            if first != i:
                detail = _("Order %(number)s is listed twice.") % {"number": row.number}
                raise Refused("invalid", detail, pointer="/number")
            rows[i] = row
        except Refused as refused:
            number = order.get("number") if isinstance(order, dict) else None
            outcomes[i] = Outcome(number if isinstance(number, str) else "", "failed", refused.faults)
    written = write_orders(list(rows.values()), now=timezone.now())
    outcomes |= dict(zip(rows, written.outcomes, strict=True))
    return [_result(i, outcomes[i]) for i in range(len(given))]


def _result(i: int, outcome: Outcome) -> dict[str, Any]:
    """The outcome of the order at `i`, such as can be sent and kept whatever was told."""
    errors = errors_of(outcome.faults, under=f"/orders/{i}")
    warnings = errors_of(outcome.warnings, under=f"/orders/{i}")
    return {"number": sound(outcome.number), "outcome": outcome.outcome, "errors": errors, "warnings": warnings}


def upsert(request: Request, number: str) -> Response:
    """Create or update the one order; the answer is the order. Raises Refused with a fault for each member at fault."""
    actor = integrator(request)
    outcome = _write_one(request, row_of(request.data, number=number))
    after = Order.objects.of(actor.account).select_related("product", "account").get(number=number)
    created = outcome.outcome == "created"  # of several callers at once, for one alone
    return Response(represented(after), status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)


@in_transaction
def _write_one(request: Request, row: OrderRow) -> Outcome:
    """Write the order if the caller's preconditions hold. Raises Refused."""
    known = Order.objects.select_for_update(of=("self",)).select_related("product", "account")
    before = known.filter(number=row.number).first()
    if before:
        require_match(request, represented(before))
    elif request.headers.get("If-Match"):
        raise Refused("precondition_failed", _("There is no such order."))
    [outcome] = write_orders([row], now=timezone.now()).outcomes
    if outcome.faults:
        raise Refused.because(outcome.faults)
    return outcome
