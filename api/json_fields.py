"""Serializers and fields of JSON that contracts store and the API returns unchanged."""

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from contracts.eligibility import ORDER_REASONS
from contracts.models import Approval
from contracts.services.actions import ACTIONS


class PartySerializer(serializers.Serializer):
    """A party as printed in the contract. Missing details are empty strings; the issuer has no account number."""

    name = serializers.CharField()
    address = serializers.CharField()
    contact = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    bank = serializers.CharField()
    bank_account = serializers.CharField()
    tax_number = serializers.CharField()
    account_number = serializers.CharField(required=False)
    credit_code = serializers.CharField(required=False, help_text="Of a certified Chinese company.")
    legal_representative = serializers.CharField(required=False)
    signing_place = serializers.CharField(required=False)


class RemittanceSerializer(serializers.Serializer):
    """The bank account to pay to (R13). `exclusive` means that it is reserved for this customer."""

    payee = serializers.CharField()
    bank = serializers.CharField()
    account_number = serializers.CharField()
    exclusive = serializers.BooleanField()


@extend_schema_field(PartySerializer)
class PartyField(serializers.JSONField):
    """A party, as stored."""


@extend_schema_field(RemittanceSerializer(allow_null=True))
class RemittanceField(serializers.JSONField):
    """A remittance account, as stored."""


@extend_schema_serializer(component_name="ContractFile")
class FileSerializer(serializers.Serializer):
    """The contract's current PDF."""

    sha256 = serializers.RegexField("^[0-9a-f]{64}$")
    size = serializers.IntegerField(help_text="Bytes.")
    sealed = serializers.BooleanField()


class ApprovalSerializer(serializers.Serializer):
    """The contract's newest request that another member approves its conversion (R44)."""

    status = serializers.ChoiceField(choices=Approval.Status.choices)
    requested_by = serializers.CharField(source="requested_by.username", help_text="User name.")
    requested_at = serializers.DateTimeField()
    decided_by = serializers.CharField(
        source="decided_by.username", allow_null=True, default=None, help_text="User name; null if it lapsed."
    )
    decided_at = serializers.DateTimeField(allow_null=True)
    note = serializers.SerializerMethodField(help_text="The approver's; before the decision the requester's.")

    def get_note(self, approval: Approval) -> str:
        return approval.message if approval.decided_at is None else approval.note


@extend_schema_serializer(component_name="Ineligibility")
class ReasonSerializer(serializers.Serializer):
    """Why an order is not eligible; for `order_in_live_contract`, with the contract that holds it."""

    code = serializers.ChoiceField(choices=ORDER_REASONS)
    detail = serializers.CharField()
    contract = serializers.CharField(allow_null=True)


class ActionField(serializers.ChoiceField):
    def __init__(self) -> None:
        super().__init__(choices=ACTIONS)
