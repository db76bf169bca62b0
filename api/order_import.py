"""Create and update orders for integrators (R26): a single order (PUT) or an import of up to 1,000."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.models import Account
from api.amounts import AmountInput, PercentField
from api.authentication import integrator
from api.etags import require_match
from api.idempotency import once
from api.orders import OrderSerializer, represent_locked, represented
from api.parsing import MAX_MEMBERS, StrictSerializer, length_of, unknown_members
from api.problems import MAX_TEXT_CHARS, LimitedFaults, shortened
from api.schema import errors_field, refuses
from api.shown import ShownList, ShownNumber, ShownPairs, ShownText
from api.views import ApiView
from common.errors import Fault, Refused, pointer_token
from common.transactions import in_transaction
from orders.facts import FACTS, Fact, Type
from orders.importing import COLUMNS, OrderRow, Outcome, read_row, write_orders
from orders.importing.parsers import MAX_ITEM_CHARS, MAX_ITEMS, MAX_KEY_CHARS, MAX_VALUE_CHARS, QUANTITY_LIMIT
from orders.models import Order, Product

MAX_IMPORTED_ORDERS = 1000
JSON_TYPES = {Type.PAIRS: dict, Type.LIST: list}
JSON_MEMBERS = {fact.name: JSON_TYPES[fact.type] for fact in FACTS if fact.type in JSON_TYPES}
"""Members that are an object or a list: a column has their JSON text."""
DERIVED_FIELDS = OrderSerializer().fields.keys() - COLUMNS.keys() - {"product"}
"""Members of an order that only the API computes. They are ignored, so an order can be sent back as read."""


class ProductInputSerializer(StrictSerializer):
    code = serializers.CharField(max_length=length_of(Product, "code"))
    name = serializers.CharField(max_length=length_of(Product, "name"))


def fact_input_field(fact: Fact) -> serializers.Field:
    """Return the request member of a fact, for the schema: `read_row` parses it."""
    null, optional = fact.field.null, fact.optional
    field: serializers.Field
    match fact.type:
        case Type.TEXT:
            blank = fact.field.blank
            field = serializers.CharField(max_length=fact.field.max_length, required=not blank, allow_blank=blank)
        case Type.CHOICE:
            field = serializers.ChoiceField(choices=fact.field.flatchoices)
        case Type.COUNT:
            field = serializers.IntegerField(min_value=1, max_value=QUANTITY_LIMIT - 1)
        case Type.AMOUNT:
            field = AmountInput(13, required=not null, allow_null=null)
        case Type.TIME:
            field = serializers.DateTimeField(required=not (null or optional), allow_null=null or optional)
        case Type.PERCENT:
            field = PercentField(required=False, allow_null=True)
        case Type.PAIRS:
            names = {"minLength": 1, "maxLength": MAX_KEY_CHARS}
            values = ShownText(MAX_VALUE_CHARS, allow_blank=True)
            field = ShownPairs(values, MAX_ITEMS, names=names, required=False, allow_null=True)
        case Type.LIST:
            items = serializers.CharField(max_length=MAX_ITEM_CHARS)
            field = serializers.ListField(child=items, max_length=MAX_ITEMS, required=False, allow_null=True)
    return field


class OrderInputSerializer(StrictSerializer):
    """An order as the order system sends it. Members that the API adds when the order is read are ignored."""

    number = serializers.CharField(
        required=False, max_length=length_of(Order, "number"), help_text="May be omitted in a PUT: the URL has it."
    )
    account = serializers.CharField(max_length=length_of(Account, "number"))
    product = ProductInputSerializer(required=False, help_text="Or send product_code and product_name.")
    product_code = serializers.CharField(required=False, max_length=length_of(Product, "code"))
    product_name = serializers.CharField(required=False, max_length=length_of(Product, "name"))
    currency = serializers.RegexField("^[A-Z]{3}$", help_text="ISO 4217.")
    paid_amount = AmountInput(13, required=False, help_text="Optional: derived from the status.")
    status = serializers.ChoiceField(choices=Order.Status.choices)
    paid_at = serializers.DateTimeField(required=False, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        ignored = {name: serializers.JSONField(required=False, help_text="Ignored.") for name in sorted(DERIVED_FIELDS)}
        return super().get_fields() | {fact.name: fact_input_field(fact) for fact in FACTS} | ignored


class ImportSerializer(StrictSerializer):
    """The orders to create or update. Each succeeds or fails independently."""

    orders = serializers.ListField(child=OrderInputSerializer(), max_length=MAX_IMPORTED_ORDERS)


@extend_schema_serializer(component_name="ImportedOrder")
class ResultSerializer(serializers.Serializer):
    number = ShownText(MAX_TEXT_CHARS + 1, help_text="As sent; shortened, if it is too long.")
    outcome = serializers.ChoiceField(choices=["created", "updated", "unchanged", "stale", "failed"])
    errors = errors_field()  # type: ignore[assignment]
    warnings = errors_field(help_text="Why the stored order cannot enter a contract, for example an emoji.")


@extend_schema_serializer(component_name="OrderImport")
class ResultsSerializer(serializers.Serializer):
    """One result for each order, in request order."""

    results = ShownList(ResultSerializer(), MAX_IMPORTED_ORDERS)
    errors_omitted = ShownNumber(1, required=False, help_text="Number of further errors; at most 200 are returned.")
    warnings_omitted = ShownNumber(1, required=False, help_text="Number of further warnings; at most 200 are returned.")


def parse_order(given: Any, *, number: str | None = None) -> OrderRow:
    """Parse an order from a JSON object. Members are the columns of the CSV format; `product` may be an object.

    Amounts may be strings or numbers; `paid_amount` may be omitted, since it follows from the status (R33). `number`
    comes from the URL, where it has one. Raises Refused with one fault a member, pointing into `given`.
    """
    if not isinstance(given, dict):
        raise Refused("invalid", _("An order must be an object."))
    faults: list[Fault] = []
    values = _flatten(given, faults)
    if number is not None:
        values.setdefault("number", number)
    if not values.get("paid_amount"):
        settled = values.get("status") in (Order.Status.PAID, Order.Status.REFUNDED)
        values["paid_amount"] = values.get("payable_amount", "") if settled else "0"
    if faults:
        raise Refused.because(faults)
    try:
        row = read_row(values)
    except Refused as refused:
        raise Refused.because(point_to_input(refused.faults, given, in_address=number is not None)) from refused
    if number not in (None, row.number):  # as read, without white space around, which an address may have too
        raise Refused("invalid", _("It differs from the number in the URL."), pointer="/number")
    return row


def point_to_input(faults: Iterable[Fault], given: Any, *, in_address: bool = False) -> list[Fault]:
    """Return the faults of columns with pointers to the members of `given` that they were read from."""

    def place_of(column: str) -> str:
        if column in ("product_code", "product_name") and column not in given:
            return f"/product/{column.removeprefix('product_')}"
        if column == "paid_amount" and given.get(column) in (None, ""):
            return "/payable_amount"
        if column == "number" and in_address and column not in given:
            return ""
        return f"/{column}" if column else ""

    return list(dict.fromkeys(replace(fault, pointer=place_of(fault.pointer.lstrip("/"))) for fault in faults))


def _flatten(given: Mapping[str, Any], faults: list[Fault]) -> dict[str, str]:
    """Return the members as text, by column. Adds faults for unknown members and wrong values."""
    product = given.get("product", {})
    if not isinstance(product, dict):
        faults.append(Fault("invalid", _("It must be an object with code and name."), "/product"))
        product = {}
    for members, pointer in ((given, ""), (product, "/product")):
        if len(members) > MAX_MEMBERS:
            detail = _("At most %(limit)d members; %(count)d were given.")
            faults.append(Fault("invalid", detail % {"limit": MAX_MEMBERS, "count": len(members)}, pointer))
    if faults:
        return {}
    values = {}
    for column, pointer, value in _members_of(given, product):
        if column not in COLUMNS:
            faults.append(Fault("invalid", _("An order has no such member."), pointer))
        elif isinstance(value, JSON_MEMBERS.get(column, ())):
            values[column] = json.dumps(value)
        elif column in JSON_MEMBERS and value is not None:
            faults.append(
                Fault(
                    "invalid",
                    _("It must be an object whose values are texts.")
                    if JSON_MEMBERS[column] is dict
                    else _("It must be a list of texts."),
                    pointer,
                )
            )
        elif isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | None):
            faults.append(Fault("invalid", _("It must be text or a number."), pointer))
        else:
            values[column] = "" if value is None else str(value)
    return values


def _members_of(given: Mapping[str, Any], product: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Return column, pointer and value of each member. Members given twice count as in `given` itself."""
    for name, value in product.items():
        column = f"product_{name}" if name in ("code", "name") else ""
        yield column, f"/product/{pointer_token(str(name))}", value
    for name, value in given.items():
        if name != "product" and name not in DERIVED_FIELDS:
            yield str(name), f"/{pointer_token(str(name))}", value


class ImportView(ApiView):
    def get_actor(self, request: Request) -> Actor:
        return integrator(request)

    @extend_schema(
        operation_id="import_orders",
        summary="Create or update up to 1,000 orders (integrators)",
        request=ImportSerializer,
        responses={200: ResultsSerializer},
    )
    @once
    @refuses("too_many_orders")
    def post(self, request: Request) -> Response:
        """Create or update up to 1,000 orders. Each succeeds or fails independently."""
        given = request.data.get("orders") if isinstance(request.data, dict) else None
        if not isinstance(given, list):
            raise Refused("invalid", _("Send the orders as a list."), pointer="/orders")
        if errors := unknown_members(request.data, {"orders"}):
            raise serializers.ValidationError(errors)
        if len(given) > MAX_IMPORTED_ORDERS:
            detail = _("At most %(limit)d orders at once; %(count)d were given.")
            raise Refused(
                "too_many_orders", detail % {"limit": MAX_IMPORTED_ORDERS, "count": len(given)}, pointer="/orders"
            )
        return Response(_results(_import(given)))


def _import(given: list[Any]) -> list[Outcome]:
    """Return one outcome for each order, in request order; pointers are relative to the order."""
    rows: dict[int, OrderRow] = {}
    outcomes: dict[int, Outcome] = {}
    seen: dict[str, int] = {}
    for i, order in enumerate(given):
        try:
            row = parse_order(order)
            first = seen.setdefault(row.number, i)
            if first != i:
                detail = _("Order %(number)s is listed twice.") % {"number": row.number}
                raise Refused("invalid", detail, pointer="/number")
            rows[i] = row
        except Refused as refused:
            number = order.get("number") if isinstance(order, dict) else None
            outcomes[i] = Outcome(number if isinstance(number, str) else "", "failed", refused.faults)
    written = write_orders(list(rows.values()), now=timezone.now())
    for i, outcome in zip(rows, written.outcomes, strict=True):
        outcomes[i] = replace(outcome, faults=tuple(point_to_input(outcome.faults, given[i])))
    return [outcomes[i] for i in range(len(given))]


def _results(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the response to an import: the first MAX_FAULTS errors and warnings, and the number of the others."""
    results = []
    errors, warnings = LimitedFaults(), LimitedFaults()
    for i, outcome in enumerate(outcomes):
        under = f"/orders/{i}"
        results.append(
            {
                "number": shortened(outcome.number),
                "outcome": outcome.outcome,
                "errors": errors.take(outcome.faults, under=under),
                "warnings": warnings.take(outcome.warnings, under=under),
            }
        )
    omitted = {"errors_omitted": errors.omitted, "warnings_omitted": warnings.omitted}
    return {"results": results, **{name: count for name, count in omitted.items() if count}}


def upsert(request: Request, number: str, *, by: Actor) -> Response:
    """Create or update a single order and answer with it. Raises Refused with a fault for each wrong member."""
    outcome = _write_one(request, parse_order(request.data, number=number))
    after = Order.objects.of(by.account).select_related("product", "account").get(number=number)
    created = outcome.outcome == "created"  # of several callers at once, for one alone
    return Response(represented(after), status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)


@in_transaction
def _write_one(request: Request, row: OrderRow) -> Outcome:
    """Validate and write the order, if the caller's preconditions hold. Raises Refused."""
    before = represent_locked(row.number) if request.headers.keys() & {"If-Match", "If-None-Match"} else {}
    [outcome] = write_orders([row], now=timezone.now()).outcomes
    if outcome.faults:
        raise Refused.because(point_to_input(outcome.faults, request.data, in_address=True))
    require_match(request, None if outcome.outcome == "created" else before)
    return outcome
