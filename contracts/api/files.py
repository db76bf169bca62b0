"""A contract's files."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from contracts import documents, evidence
from contracts.api.auth import member
from contracts.api.contracts import found
from contracts.api.schema import refuses


class AnyAccept(BaseContentNegotiation):
    """The answer is a file whatever the Accept header asks for; an error is JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class DocumentView(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="get_document",
        summary="The contract's PDF",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    @refuses("contract_voided", "storage_unavailable")
    def get(self, request: Request, number: str) -> HttpResponse:
        contract = found(member(request), number)
        return documents.response(contract)


class VoidCertificateView(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="get_void_certificate",
        summary="The sealed certificate of a contract that staff voided, as a PDF",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    @refuses("storage_unavailable")
    def get(self, request: Request, number: str) -> HttpResponse:
        return documents.certificate_response(found(member(request), number))


class EvidenceView(APIView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="get_evidence",
        summary="All that proves the contract, as one ZIP",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    @refuses("contract_voided", "storage_unavailable")
    def get(self, request: Request, number: str) -> HttpResponse:
        actor = member(request)
        return evidence.answer(found(actor, number), user_id=actor.person)
