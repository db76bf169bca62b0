from collections.abc import Sequence
from typing import Any

from django.db.models import DateTimeField, Prefetch, prefetch_related_objects
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from structlog.contextvars import bind_contextvars

from accounts.access.actors import Actor
from accounts.models import Account
from api.amounts import AmountField
from api.contract_filters import CONTRACT_FILTERS, read_contract_filter
from api.contract_reading import ContractReadingView
from api.contract_requests import ApplicationSerializer, ConversionSerializer, RemarksSerializer, VoidReasonSerializer
from api.etags import Tagged, change_if_match, conditional, require_match
from api.idempotency import once
from api.json_fields import ActionField, ApprovalSerializer, FileSerializer, PartyField, RemittanceField
from api.paging import KeysetPagination
from api.parsing import body
from api.schema import PAGING, page_of, refuses
from api.shown import VERIFICATION_CODE_PATTERN, ShownList, ShownText, column, currency
from api.sync import SYNC_PARAMETERS, read_sync
from common.compiled_queries import CompiledQuery, Parameter
from contracts import eligibility, services
from contracts.documents import files as documents
from contracts.documents.snapshots import printed_code
from contracts.models import Approval, Contract
from contracts.models.querysets import find_invoice_numbers
from contracts.services import locking
from contracts.services.actions import ACTIONS, get_actions
from contracts.types import CHOICES
from orders.importing.parsers import MAX_ITEM_CHARS, MAX_ITEMS
from orders.models import Order

APPROVALS = Prefetch(
    "approvals", Approval.objects.prefetch_related("requested_by", "decided_by"), to_attr="newest_first"
)
NOW: Any = Parameter("now", DateTimeField())  # stands for a datetime
CONTRACTS = CompiledQuery(
    lambda: (
        Contract.objects.filter(number=Parameter("number", Contract._meta.get_field("number")))
        .select_related("account")
        .with_facts_at(NOW)
    )
)
OWN_CONTRACTS = CompiledQuery(
    lambda: (
        Contract.objects.filter(
            account=Parameter("account", Account._meta.pk),
            number=Parameter("number", Contract._meta.get_field("number")),
        )
        .select_related("account")
        .with_facts_at(NOW)
    )
)
ISSUING = ("issuer_missing", "clauses_missing")


class ContractSerializer(serializers.Serializer):
    """A contract with its current status. `actions` are those the caller may take."""

    number = column(Contract, "number")
    account = column(Account, "number", source="account.number")
    test = serializers.BooleanField(source="is_test", help_text="Of a test account: it says TEST and counts nowhere.")
    type = serializers.ChoiceField(choices=CHOICES)
    status = serializers.ChoiceField(choices=Contract.Status.choices, source="status_at")
    order_numbers = ShownList(column(Order, "number"), eligibility.MAX_ORDERS, at_least=1)
    total_amount = AmountField()
    currency = currency()
    remarks = column(Contract, "remarks")
    po_number = column(Contract, "po_number", help_text="Empty if none was given.")
    invoice_numbers = serializers.SerializerMethodField()
    language = serializers.ChoiceField(choices=Contract.Language.choices)
    applied_at = serializers.DateTimeField()
    official_at = serializers.DateTimeField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    invalid_at = serializers.DateTimeField(source="invalid_since", allow_null=True)
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(help_text="Last change of the contract, its void tickets or approvals.")
    party_a = PartyField()
    party_b = PartyField()
    remittance_account = RemittanceField()
    document = serializers.SerializerMethodField()
    verification_code = serializers.SerializerMethodField()
    approval = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    @extend_schema_field(FileSerializer(allow_null=True))
    def get_document(self, contract: Contract) -> dict[str, Any] | None:
        if contract.status_at == Contract.Status.VOIDED:
            return None
        document = documents.current(contract)
        return {"sha256": document.sha256, "size": document.size, "sealed": document.sealed}

    @extend_schema_field(
        ShownList(
            ShownText(MAX_ITEM_CHARS),
            eligibility.MAX_ORDERS * MAX_ITEMS,
            help_text="Of its orders, by the order system.",
        )
    )
    def get_invoice_numbers(self, contract: Contract) -> list[str]:
        return self.context["invoice_numbers"].get(contract.pk, [])

    @extend_schema_field(ShownText(pattern=VERIFICATION_CODE_PATTERN))
    def get_verification_code(self, contract: Contract) -> str:
        return printed_code(contract.verification_code)

    @extend_schema_field(ShownList(ActionField(), len(ACTIONS)))
    def get_actions(self, contract: Contract) -> list[str]:
        return get_actions(contract, by=self.context["actor"])

    @extend_schema_field(ApprovalSerializer(allow_null=True))
    def get_approval(self, contract: Contract) -> dict[str, Any] | None:
        newest = next(iter(contract.newest_first), None)
        return ApprovalSerializer(newest.as_of(contract)).data if newest else None


def get_contract(actor: Actor, number: str) -> Contract:
    """Return the actor's contract with its current status. Raises Http404 for any other (R26)."""
    values = {"number": number, "now": timezone.now()}
    found = OWN_CONTRACTS.rows(account=actor.account.pk, **values) if actor.account else CONTRACTS.rows(**values)
    contract = next(iter(found), None)
    if contract is None:
        raise Http404
    bind_contextvars(contract=contract.number)
    return contract


def represented(actor: Actor, contract: Contract) -> dict[str, Any]:
    """Return the contract's representation for the actor."""
    prefetch_related_objects([contract], APPROVALS)
    return ContractSerializer(contract, context=_context(actor, [contract])).data


def _context(actor: Actor, contracts: Sequence[Contract]) -> dict[str, Any]:
    return {"actor": actor, "invoice_numbers": find_invoice_numbers(contracts)}


def answer(actor: Actor, number: str, status_code: int = status.HTTP_200_OK) -> Response:
    """Fetch the contract and answer with its representation."""
    return Response(represented(actor, get_contract(actor, number)), status=status_code)


def represent_locked(actor: Actor, contract: Contract) -> dict[str, Any]:
    """Lock the contract and return it as the actor sees it."""
    locking.lock_contract(contract.pk, now=timezone.now())
    return represented(actor, get_contract(actor, contract.number))


class ContractListView(Tagged, ContractReadingView):
    query_parameters = (*CONTRACT_FILTERS, *SYNC_PARAMETERS, *PAGING)
    repeatable = ("status",)

    @extend_schema(
        operation_id="list_contracts",
        summary="The account's contracts, newest first; for integrators, the contracts of all accounts",
        responses=page_of(ContractSerializer),
    )
    @refuses("invalid", "not_found")
    def get(self, request: Request) -> Response:
        actor = self.actor
        contracts = read_contract_filter(request).find(actor.account, timezone.now()).prefetch_related("account")
        contracts = read_sync(request).apply(contracts)
        pages = KeysetPagination()
        page: list[Contract] = pages.paginate_queryset(contracts.prefetch_related(APPROVALS), request, view=self)
        return pages.get_paginated_response(ContractSerializer(page, many=True, context=_context(actor, page)).data)

    @extend_schema(
        operation_id="apply_for_contract",
        summary="Draft a contract over orders",
        request=ApplicationSerializer,
        responses={201: ContractSerializer},
    )
    @once
    @refuses(*eligibility.REASONS, "account_not_certified", "po_number_required", "storage_unavailable", *ISSUING)
    def post(self, request: Request) -> Response:
        contract = services.apply_for_contract(**body(ApplicationSerializer, request), by=self.actor)
        return answer(self.actor, contract.number, status.HTTP_201_CREATED)


class ContractDetailView(Tagged, ContractReadingView):
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
        contract = get_contract(actor, number)
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
        request=ConversionSerializer,
        responses={200: ContractSerializer},
    )
    @once
    @conditional
    @refuses(
        "transition_not_allowed",
        "account_not_certified",
        "contract_expired",
        "order_changed",
        "approval_required",
        "seal_unavailable",
        "storage_unavailable",
    )
    def post(self, request: Request, number: str) -> Response:
        actor = self.actor
        contract = get_contract(actor, number)
        given = body(ConversionSerializer, request)

        def require_seen() -> None:
            if "If-Match" in request.headers:
                require_match(request, represented(actor, get_contract(actor, number)))

        services.convert_to_official(contract=contract, by=actor, **given, require_seen=require_seen)
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
        contract = get_contract(actor, number)
        given = body(VoidReasonSerializer, request)
        change_if_match(
            request,
            before=lambda: represent_locked(actor, contract),
            change=lambda: services.void_draft(contract=contract, **given, by=actor),
        )
        return answer(actor, number)
