"""Serializers and fields of JSON that contracts store and the API returns unchanged."""

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import Account, PartyProfile
from api.problems import MAX_TEXT_CHARS
from api.shown import MAX_USERNAME_CHARS, SHA256_PATTERN, ShownNumber, ShownText, column
from billing.models import RemittanceAccount
from contracts.eligibility import ORDER_REASONS
from contracts.models import Approval, Contract
from contracts.services.actions import ACTIONS


class ContactSerializer(serializers.Serializer):
    """Details of a party that saved details and printed ones have in common."""

    address = column(PartyProfile, "address")
    contact = column(PartyProfile, "contact")
    phone = column(PartyProfile, "phone")
    email = column(PartyProfile, "email")
    bank = column(PartyProfile, "bank")
    bank_account = column(PartyProfile, "bank_account")
    tax_number = column(PartyProfile, "tax_number")


class PartySerializer(ContactSerializer):
    """A party as printed in the contract. Missing details are empty strings; the issuer has no account number."""

    name = column(Account, "certified_name")
    account_number = column(Account, "number", required=False)
    credit_code = column(Account, "credit_code", required=False, help_text="Of a certified Chinese company.")
    legal_representative = column(PartyProfile, "legal_representative", required=False)
    signing_place = column(PartyProfile, "signing_place", required=False)


class OwnRemittanceSerializer(serializers.Serializer):
    """The account's exclusive remittance account (R13)."""

    payee = column(RemittanceAccount, "payee")
    bank = column(RemittanceAccount, "bank")
    account_number = column(RemittanceAccount, "account_number")


class RemittanceSerializer(OwnRemittanceSerializer):
    """The bank account to pay to (R13). `exclusive` means that it is reserved for this customer."""

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

    sha256 = ShownText(pattern=SHA256_PATTERN)
    size = ShownNumber(1, help_text="Bytes.")
    sealed = serializers.BooleanField()


class ApprovalSerializer(serializers.Serializer):
    """The contract's newest request that another member approves its conversion (R44)."""

    status = serializers.ChoiceField(choices=Approval.Status.choices)
    requested_by = ShownText(MAX_USERNAME_CHARS, source="requested_by.username", help_text="User name.")
    requested_at = serializers.DateTimeField()
    decided_by = ShownText(
        MAX_USERNAME_CHARS,
        source="decided_by.username",
        allow_null=True,
        default=None,
        help_text="User name; null if it lapsed.",
    )
    decided_at = serializers.DateTimeField(allow_null=True)
    note = serializers.SerializerMethodField(help_text="The approver's; before the decision the requester's.")

    @extend_schema_field(column(Approval, "note"))
    def get_note(self, approval: Approval) -> str:
        return approval.message if approval.decided_at is None else approval.note


@extend_schema_serializer(component_name="Ineligibility")
class ReasonSerializer(serializers.Serializer):
    """Why an order is not eligible; for `order_in_live_contract`, with the contract that holds it."""

    code = serializers.ChoiceField(choices=ORDER_REASONS)
    detail = ShownText(MAX_TEXT_CHARS)
    contract = column(Contract, "number", allow_null=True)


class ActionField(serializers.ChoiceField):
    def __init__(self) -> None:
        super().__init__(choices=ACTIONS)
