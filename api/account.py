from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.cc_emails import MAX_CC_EMAILS
from accounts.email_addresses import MAX_EMAIL_LENGTH
from accounts.models import Account, DocumentLanguage, PartyProfile
from accounts.settings import THRESHOLD, change_settings, require_owner
from api.amounts import AMOUNT_PATTERN, AmountField
from api.json_fields import ContactSerializer, OwnRemittanceSerializer
from api.parsing import Boolean, BoundedList, StrictSerializer, Text, body
from api.schema import refuses
from api.shown import CURRENCY_PATTERN, ShownList, ShownPairs, ShownText, column, currency
from api.views import ApiView
from billing.ledger import get_balance

MAX_THRESHOLDS = 20


@extend_schema_serializer(component_name="SavedPartyDetails")
class DetailsSerializer(ContactSerializer):
    """Party A's details as last saved (R12). Optional details that are missing are empty strings."""

    legal_representative = column(PartyProfile, "legal_representative")
    signing_place = column(PartyProfile, "signing_place")


@extend_schema_field({"type": "string", "format": "decimal", "pattern": AMOUNT_PATTERN.replace("^", "^-?", 1)})
class BalanceField(AmountField):
    """The sum of the account's ledger."""

    def get_attribute(self, instance: Account) -> Any:
        return get_balance(instance), instance.currency


class AccountSerializer(serializers.Serializer):
    number = column(Account, "number")
    name = column(
        Account, "certified_name", source="certified_name", help_text="The certified name (R11); empty before that."
    )
    certification = serializers.ChoiceField(choices=Account.Certification.choices)
    time_zone = column(Account, "time_zone")
    test = serializers.BooleanField(source="is_test", help_text="A test account: its contracts say TEST (R48).")
    party_a = DetailsSerializer(source="profile", allow_null=True, default=None)
    remittance_account = OwnRemittanceSerializer(allow_null=True, default=None)
    balance = BalanceField()
    currency = currency()
    document_language = serializers.ChoiceField(
        choices=DocumentLanguage.choices,
        allow_null=True,
        help_text="Language of contracts whose application omits `language`; null if the account has no setting.",
    )

    po_number_required = serializers.BooleanField(help_text="New contracts need a PO number.")
    approval_required_from = ShownPairs(
        ShownText(pattern=AMOUNT_PATTERN),
        MAX_THRESHOLDS,
        names={"pattern": CURRENCY_PATTERN},
        help_text="Currency → amount from which a conversion needs another member's approval; empty for never.",
    )
    deliver_by_email = serializers.BooleanField(
        help_text="Official contracts are sent by email, unless a conversion's `deliver` decides otherwise."
    )
    cc_emails = ShownList(ShownText(MAX_EMAIL_LENGTH), MAX_CC_EMAILS, help_text="Addresses besides the contact's.")

    def to_representation(self, account: Account) -> dict[str, Any]:
        shown = super().to_representation(account)
        return {**shown, "document_language": account.document_language or None}


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "pattern": f"^{THRESHOLD.pattern}$"},
        "maxProperties": MAX_THRESHOLDS,
        "propertyNames": {"pattern": CURRENCY_PATTERN},
    }
)
class ThresholdsField(serializers.DictField):
    """Amounts by currency, not more than there are currencies (R46)."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and len(data) > MAX_THRESHOLDS:
            raise serializers.ValidationError(_("At most %(limit)d currencies.") % {"limit": MAX_THRESHOLDS})
        return super().to_internal_value(data)


class AccountSettingsSerializer(StrictSerializer):
    """Settings to change. Omitted members stay unchanged."""

    document_language = serializers.ChoiceField(choices=DocumentLanguage.choices, allow_null=True, required=False)
    po_number_required = Boolean(required=False)
    approval_required_from = ThresholdsField(
        child=Text(max_length=24),
        allow_null=True,
        required=False,
        help_text='Currency → amount from which conversions need approval: `{"CNY": "0.01"}`. Null or `{}` for never.',
    )
    deliver_by_email = Boolean(required=False)
    cc_emails = BoundedList(
        child=Text(allow_blank=True, max_length=MAX_EMAIL_LENGTH), required=False, max_length=MAX_CC_EMAILS
    )


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
            given["document_language"] = given["document_language"] or ""
        if "approval_required_from" in given:
            given["approval_required_from"] = given["approval_required_from"] or {}
        change_settings(**given, by=self.actor)
        return _answer(self.actor)


def _answer(actor: Actor) -> Response:
    account = Account.objects.select_related("profile", "remittance_account").get(pk=actor.own_account.pk)
    return Response(AccountSerializer(account).data)
