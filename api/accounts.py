"""Accounts for integrators: create, read and update them, singly and many at once (R49)."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.email_addresses import MAX_EMAIL_LENGTH
from accounts.models import Account
from accounts.provisioning import AccountRow, Outcome, write_account, write_accounts
from api.account import DetailsSerializer
from api.authentication import account_integrator
from api.contract_requests import PartyDetailsSerializer
from api.idempotency import once
from api.paging import KeysetPagination
from api.parsing import Boolean, StrictSerializer, Text, body, faults_of, length_of, unknown_members
from api.problems import MAX_TEXT_CHARS, LimitedFaults, shortened
from api.schema import PAGING, errors_field, page_of, refuses
from api.shown import MAX_USERNAME_CHARS, ShownList, ShownNumber, ShownText, column, currency
from api.views import ApiView
from common.errors import Refused

MAX_IMPORTED_ACCOUNTS = 1000


class CustomerSerializer(serializers.Serializer):
    """An account as integrators see it."""

    number = column(Account, "number")
    name = column(Account, "certified_name", source="certified_name", help_text="Certified (R11); empty before that.")
    certification = serializers.ChoiceField(choices=Account.Certification.choices)
    credit_code = column(Account, "credit_code", help_text="Of a certified Chinese company.")
    currency = currency()
    time_zone = column(Account, "time_zone")
    party_a = DetailsSerializer(source="profile", allow_null=True, default=None)
    test = serializers.BooleanField(source="is_test", help_text="A test account: its contracts say TEST (R48).")
    created_at = serializers.DateTimeField()


class OwnerSerializer(StrictSerializer):
    """Becomes the owner, if the account has none. A new user sets a password by an emailed link."""

    username = Text(max_length=MAX_USERNAME_CHARS)
    email = Text(max_length=MAX_EMAIL_LENGTH)


class AccountChangesSerializer(StrictSerializer):
    """Values to change. Omitted members stay unchanged."""

    name = Text(required=False, allow_blank=True, max_length=length_of(Account, "certified_name"))
    kind = serializers.ChoiceField(
        choices=Account.Certification.choices,
        required=False,
        help_text="Certification that you have verified, recorded as yours. By default `enterprise` with a new name.",
    )
    credit_code = Text(
        required=False, allow_blank=True, max_length=40, help_text="Unified social credit code of a Chinese company."
    )
    currency = Text(required=False, max_length=3, help_text="ISO 4217. It cannot change.")
    time_zone = Text(required=False, max_length=64, help_text="IANA name. By default `Asia/Shanghai`.")
    test = Boolean(
        required=False,
        source="is_test",
        help_text="Whether it is a test account. It cannot change once the account has contracts.",
    )
    party_a = PartyDetailsSerializer(required=False)
    owner = OwnerSerializer(required=False)


class NewAccountSerializer(AccountChangesSerializer):
    """An account to create, or in an import to update."""

    number = Text(max_length=length_of(Account, "number"))
    currency = Text(max_length=3, help_text="ISO 4217. It cannot change.")


class AccountImportSerializer(StrictSerializer):
    """The accounts to create or update. Each succeeds or fails independently."""

    accounts = serializers.ListField(child=NewAccountSerializer(), max_length=MAX_IMPORTED_ACCOUNTS)


class AccountResultSerializer(serializers.Serializer):
    number = ShownText(MAX_TEXT_CHARS + 1, help_text="As sent; shortened, if it is too long.")
    outcome = serializers.ChoiceField(choices=["created", "updated", "unchanged", "failed"])
    errors = errors_field()  # type: ignore[assignment]


class AccountResultsSerializer(serializers.Serializer):
    """One result for each account, in request order."""

    results = ShownList(AccountResultSerializer(), MAX_IMPORTED_ACCOUNTS)
    errors_omitted = ShownNumber(1, required=False, help_text="Number of further errors; at most 200 are returned.")


def get_account(number: str) -> Account:
    """Return the account with this number. Raises Http404."""
    return get_object_or_404(Account.objects.select_related("profile"), number=number)


class IntegratorView(ApiView):
    """A call for integrators whose token has the scope `accounts`."""

    def get_actor(self, request: Request) -> Actor:
        return account_integrator(request)


class AccountListView(IntegratorView):
    query_parameters = PAGING

    @extend_schema(
        operation_id="list_accounts",
        summary="All accounts, newest first (integrators)",
        responses=page_of(CustomerSerializer),
    )
    @refuses("invalid", "not_found")
    def get(self, request: Request) -> Response:
        pages = KeysetPagination()
        accounts = Account.objects.select_related("profile").order_by("-pk")
        page = pages.paginate_queryset(accounts, request, view=self)
        return pages.get_paginated_response(CustomerSerializer(page, many=True).data)

    @extend_schema(
        operation_id="create_account",
        summary="Create an account (integrators)",
        request=NewAccountSerializer,
        responses={201: CustomerSerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request) -> Response:
        """Create an account, certified under `name` as `kind`, which you have verified."""
        account = write_account(AccountRow(**body(NewAccountSerializer, request)), is_new=True, by=self.actor)
        return Response(CustomerSerializer(account).data, status=status.HTTP_201_CREATED)


class AccountDetailView(IntegratorView):
    @extend_schema(
        operation_id="get_account_by_number", summary="One account (integrators)", responses=CustomerSerializer
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(CustomerSerializer(get_account(number)).data)

    @extend_schema(
        operation_id="change_account_by_number",
        summary="Change certification and Party A's details (integrators)",
        request=AccountChangesSerializer,
        responses=CustomerSerializer,
    )
    @refuses("transition_not_allowed")
    def patch(self, request: Request, number: str) -> Response:
        """Change the account. Existing contracts stay unchanged; drafts under another name cannot become official."""
        account = get_account(number)
        row = AccountRow(number=account.number, **body(AccountChangesSerializer, request))
        return Response(CustomerSerializer(write_account(row, is_new=False, by=self.actor)).data)


class AccountImportView(IntegratorView):
    @extend_schema(
        operation_id="import_accounts",
        summary="Create or update up to 1,000 accounts (integrators)",
        request=AccountImportSerializer,
        responses={200: AccountResultsSerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request) -> Response:
        """Create or update up to 1,000 accounts. Each succeeds or fails independently."""
        given = request.data.get("accounts") if isinstance(request.data, dict) else None
        if not isinstance(given, list):
            raise Refused("invalid", _("Send the accounts as a list."), pointer="/accounts")
        if errors := unknown_members(request.data, {"accounts"}):
            raise serializers.ValidationError(errors)
        if len(given) > MAX_IMPORTED_ACCOUNTS:
            detail = _("At most %(limit)d accounts at once; %(count)d were given.")
            counts = {"limit": MAX_IMPORTED_ACCOUNTS, "count": len(given)}
            raise Refused("invalid", detail % counts, pointer="/accounts")
        return Response(_represent(_import(given, by=self.actor)))


def _import(given: list[Any], *, by: Actor) -> list[Outcome]:
    """Return one outcome for each account, in request order; pointers are relative to the account."""
    rows: dict[int, AccountRow] = {}
    outcomes: dict[int, Outcome] = {}
    serializer = NewAccountSerializer()
    for i, account in enumerate(given):
        try:
            rows[i] = AccountRow(**serializer.run_validation(account))
        except serializers.ValidationError as error:
            number = account.get("number") if isinstance(account, dict) else None
            outcomes[i] = Outcome(number if isinstance(number, str) else "", "failed", tuple(faults_of(error.detail)))
    outcomes |= zip(rows, write_accounts(list(rows.values()), by=by), strict=True)
    return [outcomes[i] for i in range(len(given))]


def _represent(outcomes: list[Outcome]) -> dict[str, Any]:
    errors = LimitedFaults()
    results = [
        {
            "number": shortened(outcome.number),
            "outcome": outcome.outcome,
            "errors": errors.take(outcome.faults, under=f"/accounts/{i}"),
        }
        for i, outcome in enumerate(outcomes)
    ]
    return {"results": results, **({"errors_omitted": errors.omitted} if errors.omitted else {})}
