"""Shapes of JSON that contracts hold ready and the API hands on as they are."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contracts.services.actions import ACTIONS


class PartySerializer(serializers.Serializer):
    """A party as the contract says it. What was not given is an empty string; the issuer has no account number."""

    name = serializers.CharField()
    address = serializers.CharField()
    contact = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    bank = serializers.CharField()
    bank_account = serializers.CharField()
    tax_number = serializers.CharField()
    account_number = serializers.CharField(required=False)


class RemittanceSerializer(serializers.Serializer):
    """Where a payment request is to be paid (R13). `exclusive`: the account is reserved for this customer."""

    payee = serializers.CharField()
    bank = serializers.CharField()
    account_number = serializers.CharField()
    exclusive = serializers.BooleanField()


@extend_schema_field(PartySerializer)
class PartyField(serializers.JSONField):
    """A party as it is kept."""


@extend_schema_field(RemittanceSerializer(allow_null=True))
class RemittanceField(serializers.JSONField):
    """A remittance account as it is kept."""


class FileSerializer(serializers.Serializer):
    """The contract's PDF as it is now."""

    sha256 = serializers.RegexField("^[0-9a-f]{64}$")
    size = serializers.IntegerField(help_text="Bytes.")
    sealed = serializers.BooleanField()


class ReasonSerializer(serializers.Serializer):
    """Why an order cannot enter the contract, and for `order_in_live_contract` which contract holds it."""

    code = serializers.CharField()
    detail = serializers.CharField()
    contract = serializers.CharField(allow_null=True)


class ActionField(serializers.ChoiceField):
    def __init__(self) -> None:
        super().__init__(choices=ACTIONS)
