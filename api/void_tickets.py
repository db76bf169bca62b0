"""Void tickets: requests that staff void an official contract (R5)."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.contract_reading import ContractReadingView
from api.contract_requests import VoidReasonSerializer
from api.contracts import get_contract
from api.idempotency import once
from api.paging import LinkedPagination
from api.parsing import body
from api.schema import PAGING, refuses
from api.shown import column, identifier
from contracts import services
from contracts.models import VoidTicket


class VoidTicketSerializer(serializers.Serializer):
    id = identifier()
    status = serializers.ChoiceField(choices=VoidTicket.Status.choices)
    reason = column(VoidTicket, "reason")
    note = column(VoidTicket, "note")
    opened_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class VoidTicketsView(ContractReadingView):
    query_parameters = PAGING
    links = True

    @extend_schema(
        operation_id="list_void_tickets",
        summary="The contract's void tickets, newest first",
        responses=VoidTicketSerializer(many=True),
    )
    @refuses("invalid", "not_found")
    def get(self, request: Request, number: str) -> Response:
        """List the tickets. The next and previous pages are in the `Link` header."""
        contract = get_contract(self.actor, number)
        pages = LinkedPagination()
        page: list[VoidTicket] = pages.paginate_queryset(
            VoidTicket.objects.filter(contract=contract), request, view=self
        )
        tickets = [ticket.as_of(contract) for ticket in page]
        return pages.get_paginated_response(VoidTicketSerializer(tickets, many=True).data)

    @extend_schema(
        operation_id="request_void",
        summary="Ask staff to void the official contract",
        request=VoidReasonSerializer,
        responses={201: VoidTicketSerializer},
    )
    @once
    @refuses("transition_not_allowed", "ticket_already_open")
    def post(self, request: Request, number: str) -> Response:
        contract = get_contract(self.actor, number)
        ticket = services.request_void(contract=contract, **body(VoidReasonSerializer, request), by=self.actor)
        return Response(VoidTicketSerializer(ticket).data, status=status.HTTP_201_CREATED)
