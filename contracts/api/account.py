from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.models import Account
from contracts.api.auth import member
from contracts.api.schema import refuses


class DetailsSerializer(serializers.Serializer):
    """Party A's details as last given (R12); an optional one that was not given is an empty string."""

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


class AccountSerializer(serializers.Serializer):
    number = serializers.CharField()
    name = serializers.CharField(source="certified_name", help_text="The certified name (R11); empty before that.")
    certification = serializers.ChoiceField(choices=Account.Certification.choices)
    time_zone = serializers.CharField()
    party_a = DetailsSerializer(source="profile", allow_null=True, default=None)
    remittance_account = OwnRemittanceSerializer(allow_null=True, default=None)
    balance = serializers.DecimalField(18, 2)
    currency = serializers.CharField()


class AccountView(APIView):
    @extend_schema(operation_id="get_account", summary="The account of the token", responses=AccountSerializer)
    @refuses()
    def get(self, request: Request) -> Response:
        own = member(request).own_account
        account = Account.objects.select_related("profile", "remittance_account").get(pk=own.pk)
        return Response(AccountSerializer(account).data)
