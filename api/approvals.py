"""Approval of conversions by another member of the account (R44)."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.contracts import ContractSerializer, answer, get_contract
from api.idempotency import once
from api.parsing import NoMembers, StrictSerializer, Text, body, length_of
from api.schema import refuses
from api.views import ApiView
from contracts import services
from contracts.models import Approval
from contracts.services import approvals


@extend_schema_serializer(component_name="NewApproval")
class ApprovalRequestSerializer(StrictSerializer):
    note = Text(allow_blank=True, default="", max_length=length_of(Approval, "message"))


class DecisionSerializer(StrictSerializer):
    """The approver's decision. A rejection needs a note."""

    decision = serializers.ChoiceField(choices=["approve", "reject"])
    note = Text(allow_blank=True, default="", max_length=length_of(Approval, "note"))


class ApprovalView(ApiView):
    @extend_schema(
        operation_id="request_approval",
        summary="Ask another member to approve the conversion",
        request=ApprovalRequestSerializer,
        responses={201: ContractSerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request, number: str) -> Response:
        contract = get_contract(self.actor, number)
        services.request_approval(contract=contract, **body(ApprovalRequestSerializer, request), by=self.actor)
        return answer(self.actor, number, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="withdraw_approval",
        summary="Withdraw the request for approval",
        request=None,
        responses={200: ContractSerializer},
    )
    @refuses("transition_not_allowed")
    def delete(self, request: Request, number: str) -> Response:
        contract = get_contract(self.actor, number)
        body(NoMembers, request)
        services.withdraw_approval(approval=approvals.get_requested(contract), by=self.actor)
        return answer(self.actor, number)


class DecisionView(ApiView):
    @extend_schema(
        operation_id="decide_approval",
        summary="Approve the conversion, which makes the contract official, or reject it",
        request=DecisionSerializer,
        responses={200: ContractSerializer},
    )
    @once
    @refuses(
        "transition_not_allowed",
        "account_not_certified",
        "contract_expired",
        "order_changed",
        "seal_unavailable",
        "storage_unavailable",
    )
    def post(self, request: Request, number: str) -> Response:
        contract = get_contract(self.actor, number)
        given: dict[str, Any] = body(DecisionSerializer, request)
        decide = services.approve_conversion if given["decision"] == "approve" else services.reject_approval
        decide(approval=approvals.get_requested(contract), note=given["note"], by=self.actor)
        return answer(self.actor, number)
