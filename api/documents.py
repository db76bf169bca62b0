"""Downloads of a contract's files."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from api.contract_reading import ContractReadingView
from api.contracts import get_contract
from api.schema import refuses
from contracts import evidence
from contracts.documents import files as documents
from contracts.documents.canonical import data_response

REFUSED = ("storage_unavailable", "precondition_failed", "range_not_satisfiable")


CONTENT = {
    "type": "object",
    "description": "contract.json, which has a JSON schema of its own: contract.schema.json.",
}


class AnyAccept(BaseContentNegotiation):
    """Content negotiation that always answers with the file; errors are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class FileView(ContractReadingView):
    """A file, a range of it, or 304."""

    content_negotiation_class = AnyAccept
    is_file = True


class DocumentView(FileView):
    @extend_schema(
        operation_id="get_document",
        summary="The contract's PDF",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    @refuses("contract_voided", *REFUSED)
    def get(self, request: Request, number: str) -> HttpResponse:
        return documents.current_response(request._request, get_contract(self.actor, number))


class DataView(FileView):
    @extend_schema(
        operation_id="get_contract_data",
        summary="The contract's content as canonical JSON (RFC 8785)",
        responses={(200, "application/json"): CONTENT},
    )
    @refuses("contract_voided", *REFUSED)
    def get(self, request: Request, number: str) -> HttpResponse:
        return data_response(request._request, get_contract(self.actor, number))


class VoidCertificateView(FileView):
    @extend_schema(
        operation_id="get_void_certificate",
        summary="The sealed certificate of a contract that staff voided, as a PDF",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    @refuses(*REFUSED)
    def get(self, request: Request, number: str) -> HttpResponse:
        return documents.certificate_response(request._request, get_contract(self.actor, number))


class EvidenceView(FileView):
    @extend_schema(
        operation_id="get_evidence",
        summary="The contract's evidence bundle (ZIP)",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    @refuses("contract_voided", "seal_unavailable", *REFUSED)
    def get(self, request: Request, number: str) -> HttpResponse:
        contract = get_contract(self.actor, number)
        return evidence.bundle_response(request._request, contract, by=self.actor)
