"""Webhook payloads in the schema (Standard Webhooks)."""

from drf_spectacular.utils import OpenApiResponse, OpenApiWebhook, extend_schema, inline_serializer
from rest_framework import serializers

from accounts.models import Account
from api.amounts import AmountField
from api.shown import SHA256_PATTERN, ShownList, ShownText, column, currency, identifier
from contracts.eligibility import MAX_ORDERS
from contracts.models import Approval, Contract, VoidTicket
from contracts.notifications.webhooks import EventType as ContractEvent
from contracts.types import CHOICES
from orders.models import Order
from orders.webhooks import EventType as OrderEvent
from webhooks.models import WebhookDelivery


class ContractPayloadSerializer(serializers.Serializer):
    """The contract after the event."""

    number = column(Contract, "number")
    type = serializers.ChoiceField(choices=CHOICES)
    status = serializers.ChoiceField(choices=Contract.Status.choices)
    order_numbers = ShownList(column(Order, "number"), MAX_ORDERS, at_least=1)
    total_amount = AmountField()
    currency = currency()
    applied_at = serializers.DateTimeField()
    official_at = serializers.DateTimeField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    invalid_at = serializers.DateTimeField(allow_null=True)
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class TicketPayloadSerializer(serializers.Serializer):
    id = identifier()
    status = serializers.ChoiceField(choices=VoidTicket.Status.choices)
    opened_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class ApprovalPayloadSerializer(serializers.Serializer):
    status = serializers.ChoiceField(choices=Approval.Status.choices)
    draft_sha256 = ShownText(pattern=SHA256_PATTERN, help_text="SHA-256 of the draft that it is about.")


class OrderPayloadSerializer(serializers.Serializer):
    number = column(Order, "number")
    status = serializers.ChoiceField(choices=Order.Status.choices)
    currency = currency()
    payable_amount = AmountField()
    ordered_at = serializers.DateTimeField()
    payment_deadline = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    refunded_at = serializers.DateTimeField(allow_null=True)


class EndedOrderSerializer(serializers.Serializer):
    """An order that was refunded or cancelled."""

    number = column(Order, "number")
    status = serializers.ChoiceField(choices=[(status, status.label) for status in Order.ENDED])


def _message(event: ContractEvent | OrderEvent) -> OpenApiWebhook:
    name = "".join(part.capitalize() for part in event.value.replace(".", "_").split("_"))
    data: dict[str, serializers.Field] = {"account": column(Account, "number"), "test": _test_mark()}
    if isinstance(event, OrderEvent):
        data["order"] = OrderPayloadSerializer()
    else:
        data["contract"] = ContractPayloadSerializer()
    if event in (ContractEvent.VOID_TICKET_OPENED, ContractEvent.VOID_TICKET_DECIDED):
        data["void_ticket"] = TicketPayloadSerializer()
    if event in (ContractEvent.APPROVAL_REQUESTED, ContractEvent.APPROVAL_DECIDED):
        data["approval"] = ApprovalPayloadSerializer()
    if event == ContractEvent.CONTRACT_FLAGGED:
        data["ended_orders"] = ShownList(EndedOrderSerializer(), MAX_ORDERS, at_least=1)
    if event == ContractEvent.CONTRACT_VOIDED:
        data["void_ticket"] = TicketPayloadSerializer(required=False)  # if a void ticket was approved
    return _webhook(event.value, str(event.label), name, data)


def _test_mark() -> serializers.BooleanField:
    return serializers.BooleanField(help_text="The account is a test account, whose contracts bind nobody (R48).")


def _test_message() -> OpenApiWebhook:
    data: dict[str, serializers.Field] = {
        "account": column(Account, "number", allow_null=True, help_text="Null for an integrator's endpoint."),
        "test": _test_mark(),
        "endpoint": identifier(),
    }
    return _webhook(WebhookDelivery.TEST, "Test, at the request of a person", "EndpointTest", data)


def _webhook(event_type: str, summary: str, name: str, data: dict[str, serializers.Field]) -> OpenApiWebhook:
    message = inline_serializer(
        f"{name}Event",
        {
            "type": serializers.ChoiceField(choices=[event_type]),
            "timestamp": serializers.DateTimeField(),
            "data": inline_serializer(f"{name}Data", data),
        },
    )
    return OpenApiWebhook(
        event_type,
        extend_schema(
            summary=summary,
            request=message,
            responses={"2XX": OpenApiResponse(description="Accepted. After other responses the event is sent again.")},
        ),
    )


MESSAGES = [*(_message(event) for event in (*ContractEvent, *OrderEvent)), _test_message()]
