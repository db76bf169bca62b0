from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.models import Account, DocumentLanguage
from accounts.settings import change_document_language, require_owner
from api.amounts import AmountField
from api.parsing import StrictSerializer, body
from api.schema import refuses
from api.views import ApiView
from billing.ledger import get_balance


class DetailsSerializer(serializers.Serializer):
    """Party A's details as last given (R12). Optional details that are missing are empty strings."""

    address = serializers.CharField()
    contact = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    bank = serializers.CharField()
    bank_account = serializers.CharField()
    tax_number = serializers.CharField()


class OwnRemittanceSerializer(serializers.Serializer):
    """The account's exclusive remittance account (R13)."""

    payee = serializers.CharField()
    bank = serializers.CharField()
    account_number = serializers.CharField()


class BalanceField(AmountField):
    """The sum of the account's ledger."""

    def get_attribute(self, instance: Account) -> Any:
        return get_balance(instance), instance.currency


class AccountSerializer(serializers.Serializer):
    number = serializers.CharField()
    name = serializers.CharField(source="certified_name", help_text="The certified name (R11); empty before that.")
    certification = serializers.ChoiceField(choices=Account.Certification.choices)
    time_zone = serializers.CharField()
    party_a = DetailsSerializer(source="profile", allow_null=True, default=None)
    remittance_account = OwnRemittanceSerializer(allow_null=True, default=None)
    balance = BalanceField()
    currency = serializers.CharField()
    document_language = serializers.ChoiceField(
        choices=DocumentLanguage.choices,
        allow_null=True,
        help_text="The language of contracts whose application names none; null where the account has no setting.",
    )

    def to_representation(self, account: Account) -> dict[str, Any]:
        shown = super().to_representation(account)
        return {**shown, "document_language": account.document_language or None}


class AccountSettingsSerializer(StrictSerializer):
    """Settings to change. Omitted members stay unchanged."""

    document_language = serializers.ChoiceField(choices=DocumentLanguage.choices, allow_null=True, required=False)


class AccountView(ApiView):
    def authorize(self, request: Request) -> None:
        super().authorize(request)
        if request.method == "PATCH":
            require_owner(self.actor)

    @extend_schema(operation_id="get_account", summary="The account of the token", responses=AccountSerializer)
    @refuses()
    def get(self, request: Request) -> Response:
        return _answer(self.actor)

    @extend_schema(
        operation_id="change_account",
        summary="Change settings of the account (owners)",
        request=AccountSettingsSerializer,
        responses=AccountSerializer,
    )
    @refuses("invalid")
    def patch(self, request: Request) -> Response:
        given = body(AccountSettingsSerializer, request)
        if "document_language" in given:
            change_document_language(language=given["document_language"] or "", by=self.actor)
        return _answer(self.actor)


def _answer(actor: Actor) -> Response:
    account = Account.objects.select_related("profile", "remittance_account").get(pk=actor.own_account.pk)
    return Response(AccountSerializer(account).data)
