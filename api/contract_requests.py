"""Request bodies of the calls on contracts."""

from typing import Any

from rest_framework import serializers

from accounts.models import PartyProfile
from api.parsing import Boolean, BoundedList, StrictSerializer, Text, length_of
from contracts import eligibility
from contracts.models import Contract, VoidTicket
from contracts.types import CHOICES
from orders.models import Order

DELIVER_HELP = (
    "Send the official PDF by email to the account's contact and CC addresses. If omitted: the account's "
    "`deliver_by_email`."
)


class OrderNumbers(BoundedList):
    """The order numbers of an application."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list):
            eligibility.require_max_orders(len(data))
        return super().to_internal_value(data)


class PartyDetailsSerializer(StrictSerializer):
    """Party A's details. Omitted details keep their last value (R12)."""

    def get_fields(self) -> dict[str, serializers.Field]:
        lengths = {name: length_of(PartyProfile, name) for name in PartyProfile.DETAILS}
        return {name: Text(allow_blank=True, required=False, max_length=most) for name, most in lengths.items()}


class ApplicationSerializer(StrictSerializer):
    """An application for a contract. `party_a` may be omitted once the account has details; new ones are saved."""

    type = serializers.ChoiceField(choices=CHOICES)
    order_numbers = OrderNumbers(
        child=Text(max_length=length_of(Order, "number")), allow_empty=True, max_length=eligibility.MAX_ORDERS
    )
    party_a = PartyDetailsSerializer(required=False, allow_null=True)
    language = serializers.ChoiceField(
        choices=Contract.Language.choices,
        required=False,
        help_text="If omitted: the account's `document_language`, else `en`.",
    )
    remarks = Text(allow_blank=True, default="", max_length=length_of(Contract, "remarks"))
    po_number = Text(
        allow_blank=True,
        default="",
        max_length=length_of(Contract, "po_number"),
        help_text="Your purchase order number. Required if the account says so (`po_number_required`).",
    )


class ConversionSerializer(StrictSerializer):
    """How to convert. The body may be absent."""

    deliver = Boolean(required=False, help_text=DELIVER_HELP)


class RemarksSerializer(StrictSerializer):
    remarks = Text(allow_blank=True, max_length=length_of(Contract, "remarks"))


class VoidReasonSerializer(StrictSerializer):
    """The caller's reason for voiding the contract."""

    reason = Text(allow_blank=True, default="", max_length=length_of(VoidTicket, "reason"))
