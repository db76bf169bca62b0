from datetime import date
from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from structlog.contextvars import bind_contextvars

from billing.access import Actor
from billing.models import Account, PartyProfile
from contracts import documents, eligibility, services
from contracts.actions import actions_of
from contracts.api.amounts import AmountField
from contracts.api.base import ApiView
from contracts.api.etags import Tagged, change_if_match, conditional, require_match
from contracts.api.idempotency import once
from contracts.api.orders import interval_of
from contracts.api.pages import KeysetPagination
from contracts.api.parsing import BoundedList, NoMembers, StrictSerializer, Text, body, length_of
from contracts.api.schema import PAGING, page_of, query, refuses
from contracts.api.shapes import ActionField, FileSerializer, PartyField, RemittanceField
from contracts.models import Contract, VoidTicket
from contracts.querysets import ContractQuerySet
from contracts.services import locking
from contracts.snapshots import printed_code
from orders.models import Order

ISSUING = ("issuer_missing", "clauses_missing")


class ContractSerializer(serializers.Serializer):
    """A contract as it is now. `actions` are those that the caller may take."""

    number = serializers.CharField()
    type = serializers.ChoiceField(choices=Contract.Type.choices)
    status = serializers.ChoiceField(choices=Contract.Status.choices, source="status_at")
    order_numbers = serializers.ListField(child=serializers.CharField())
    total_amount = AmountField()
    currency = serializers.CharField()
    remarks = serializers.CharField()
    language = serializers.ChoiceField(choices=Contract.Language.choices)
    applied_at = serializers.DateTimeField()
    official_at = serializers.DateTimeField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    invalid_at = serializers.DateTimeField(source="invalid_since", allow_null=True)
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    party_a = PartyField()
    party_b = PartyField()
    remittance_account = RemittanceField()
    document = serializers.SerializerMethodField()
    verification_code = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    @extend_schema_field(FileSerializer(allow_null=True))
    def get_document(self, contract: Contract) -> dict[str, Any] | None:
        if contract.status_at == Contract.Status.VOIDED:
            return None
        document = documents.current(contract)
        return {"sha256": document.sha256, "size": document.size, "sealed": document.sealed}

    def get_verification_code(self, contract: Contract) -> str:
        return printed_code(contract.verification_code)

    @extend_schema_field(serializers.ListField(child=ActionField()))
    def get_actions(self, contract: Contract) -> list[str]:
        return actions_of(contract, may_act=self.context["may_act"])


class OrderNumbers(BoundedList):
    """The order numbers of an application."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list):
            eligibility.require_few(len(data))
        return super().to_internal_value(data)


class PartyDetailsSerializer(StrictSerializer):
    """Party A's details. Those that are left out are as last given (R12)."""

    def get_fields(self) -> dict[str, serializers.Field]:
        lengths = {name: length_of(PartyProfile, name) for name in PartyProfile.DETAILS}
        return {name: Text(allow_blank=True, required=False, max_length=most) for name, most in lengths.items()}


class ApplicationSerializer(StrictSerializer):
    """An application. `party_a` may be left out once known; what is given is kept for the next contract."""

    type = serializers.ChoiceField(choices=Contract.Type.choices)
    order_numbers = OrderNumbers(
        child=Text(max_length=length_of(Order, "number")), allow_empty=True, max_length=eligibility.MAX_ORDERS
    )
    party_a = PartyDetailsSerializer(required=False, allow_null=True)
    language = serializers.ChoiceField(
        choices=Contract.Language.choices,
        required=False,
        help_text="Left out: the account's `document_language`, and `en` where it has none.",
    )
    remarks = Text(allow_blank=True, default="", max_length=length_of(Contract, "remarks"))


class RemarksSerializer(StrictSerializer):
    remarks = Text(allow_blank=True, max_length=length_of(Contract, "remarks"))


class VoidReasonSerializer(StrictSerializer):
    """Why the contract is to be voided, in the caller's words."""

    reason = Text(allow_blank=True, default="", max_length=length_of(VoidTicket, "reason"))


class ContractFilter(django_filters.FilterSet):
    type = django_filters.ChoiceFilter(choices=Contract.Type)
    status = django_filters.ChoiceFilter(method="shown_as", choices=Contract.Status)
    order = django_filters.CharFilter(method="with_order")
    q = django_filters.CharFilter(method="search")

    class Meta:
        model = Contract
        fields: list[str] = []

    def __init__(self, *given: Any, account: Account, **named: Any) -> None:
        super().__init__(*given, **named)
        self.account = account

    def shown_as(self, contracts: ContractQuerySet, name: str, value: str) -> ContractQuerySet:
        return contracts.shown_as(value, timezone.now(), account=self.account)

    def with_order(self, contracts: ContractQuerySet, name: str, value: str) -> ContractQuerySet:
        return contracts.with_order(value)

    def search(self, contracts: ContractQuerySet, name: str, value: str) -> ContractQuerySet:
        return contracts.search(value)


def found(actor: Actor, number: str) -> Contract:
    """The actor's contract as it is now. Raises Http404 for any other (R26)."""
    contracts = Contract.objects.of(actor.own_account).with_facts_at(timezone.now())
    contract = get_object_or_404(contracts, number=number)
    bind_contextvars(contract=contract.number)
    return contract


def represented(actor: Actor, contract: Contract) -> dict[str, Any]:
    """The contract as the actor sees it."""
    return ContractSerializer(contract, context={"may_act": actor.may_act}).data


def answer(actor: Actor, number: str, status_code: int = status.HTTP_200_OK) -> Response:
    """The contract as the actor sees it now."""
    return Response(represented(actor, found(actor, number)), status=status_code)


def represent_locked(actor: Actor, contract: Contract) -> dict[str, Any]:
    """Lock the contract and return it as the actor sees it."""
    locking.lock_contract(contract.pk, now=timezone.now())
    return represented(actor, found(actor, contract.number))


class ContractListView(ApiView):
    query_parameters = (
        query("type", str, "Of one type.", enum=Contract.Type.values),
        query("status", str, "With this status now.", enum=Contract.Status.values),
        query("applied_from", date, "Drafted on this day or later, in the account's time zone."),
        query("applied_to", date, "Drafted on this day or earlier."),
        query("order", str, "That hold the order with this number; case, spaces and dashes do not matter."),
        query("q", str, "With this in number or remarks, or with the order of this number."),
        *PAGING,
    )

    @extend_schema(
        operation_id="list_contracts",
        summary="The account's contracts, newest first",
        responses=page_of(ContractSerializer),
    )
    @refuses("invalid", "not_found")
    def get(self, request: Request) -> Response:
        actor = self.actor
        contracts = Contract.objects.of(actor.own_account).with_facts_at(timezone.now())
        filters = ContractFilter(request.query_params, queryset=contracts, account=actor.own_account)
        if not filters.is_valid():
            raise serializers.ValidationError(filters.errors)
        days = interval_of(request, "applied_from", "applied_to").on("applied_at", actor.own_account.tzinfo)
        pages = KeysetPagination()
        page: list[Contract] = pages.paginate_queryset(filters.qs.filter(days), request, view=self)
        return pages.get_paginated_response(
            ContractSerializer(page, many=True, context={"may_act": actor.may_act}).data
        )

    @extend_schema(
        operation_id="apply_for_contract",
        summary="Draft a contract over orders",
        request=ApplicationSerializer,
        responses={201: ContractSerializer},
    )
    @once
    @refuses(*eligibility.REASONS, "account_not_certified", "storage_unavailable", *ISSUING)
    def post(self, request: Request) -> Response:
        contract = services.apply_for_contract(**body(ApplicationSerializer, request), by=self.actor)
        return answer(self.actor, contract.number, status.HTTP_201_CREATED)


class ContractDetailView(Tagged):
    @extend_schema(operation_id="get_contract", summary="One contract", responses=ContractSerializer)
    def get(self, request: Request, number: str) -> Response:
        return answer(self.actor, number)

    @extend_schema(
        operation_id="edit_remarks",
        summary="Change the remarks",
        request=RemarksSerializer,
        responses=ContractSerializer,
    )
    @conditional
    def patch(self, request: Request, number: str) -> Response:
        actor = self.actor
        contract = found(actor, number)
        given = body(RemarksSerializer, request)
        change_if_match(
            request,
            before=lambda: represent_locked(actor, contract),
            change=lambda: services.edit_remarks(contract=contract, **given, by=actor),
        )
        return answer(actor, number)


class ConvertView(Tagged):
    @extend_schema(
        operation_id="convert_to_official",
        summary="Seal the draft: it becomes official",
        request=None,
        responses={200: ContractSerializer},
    )
    @once
    @conditional
    @refuses(
        "transition_not_allowed",
        "account_not_certified",
        "contract_expired",
        "order_changed",
        "seal_unavailable",
        "storage_unavailable",
    )
    def post(self, request: Request, number: str) -> Response:
        actor = self.actor
        contract = found(actor, number)
        body(NoMembers, request)

        def require_seen() -> None:
            if "If-Match" in request.headers:
                require_match(request, represented(actor, found(actor, number)))

        services.convert_to_official(contract=contract, by=actor, require_seen=require_seen)
        return answer(actor, number)


class VoidView(Tagged):
    @extend_schema(
        operation_id="void_draft",
        summary="Void the draft and release its orders",
        request=VoidReasonSerializer,
        responses={200: ContractSerializer},
    )
    @once
    @conditional
    @refuses("transition_not_allowed")
    def post(self, request: Request, number: str) -> Response:
        actor = self.actor
        contract = found(actor, number)
        given = body(VoidReasonSerializer, request)
        change_if_match(
            request,
            before=lambda: represent_locked(actor, contract),
            change=lambda: services.void_draft(contract=contract, **given, by=actor),
        )
        return answer(actor, number)
