"""Exports and archives of many contracts (R43)."""

import uuid

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from api.contract_filters import CONTRACT_FILTERS, NUMBERS, read_contract_choice
from api.documents import AnyAccept
from api.schema import query, refuses
from api.shown import ShownText
from api.views import ApiView
from common.tables import CONTENT_TYPES
from contracts.bulk.archives import MAX_CONTRACTS, MAX_PARTS, archive_response
from contracts.bulk.exporting import CONTRACTS
from exports.asking import export, get_export
from exports.exporters import to_parameters
from exports.files import stored_response
from exports.models import Export

FILES = {(200, content_type.partition(";")[0]): OpenApiTypes.BINARY for content_type in CONTENT_TYPES.values()}


class ExportSerializer(serializers.Serializer):
    """An export that a worker prepares. Its file is kept for seven days."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Export.Status.choices)
    url = serializers.SerializerMethodField(help_text="Where to ask for its status.")
    file = serializers.SerializerMethodField(help_text="Where the file is, once the status is `ready`; else null.")

    @extend_schema_field(ShownText(pattern="^/api/v1/exports/[0-9a-f-]{36}/$"))
    def get_url(self, export_: Export) -> str:
        return f"/api/v1/exports/{export_.pk}/"

    @extend_schema_field(ShownText(pattern="^/api/v1/exports/[0-9a-f-]{36}/file/$", allow_null=True))
    def get_file(self, export_: Export) -> str | None:
        return f"/api/v1/exports/{export_.pk}/file/" if export_.status == Export.Status.READY else None


class ManyFilesView(ApiView):
    """Answers with a file whatever the Accept header says. `number` and `status` may be repeated."""

    content_negotiation_class = AnyAccept
    repeatable = ("number", "status")


class ContractExportView(ManyFilesView):
    query_parameters = (
        query("format", str, "By default what Accept asks for, else CSV.", enum=list(CONTENT_TYPES)),
        *CONTRACT_FILTERS,
        NUMBERS,
    )

    @extend_schema(
        operation_id="export_contracts",
        summary="Contracts with their order lines as a table",
        responses={**FILES, (202, "application/json"): ExportSerializer},
    )
    @refuses("invalid", "throttled")
    def get(self, request: Request) -> HttpResponseBase:
        """Export the contracts of the filter: CSV has a row an order line, XLSX the sheets Contracts and Orders.

        Above 20,000 rows the answer is 202, and the file is prepared: ask at `url` until its status is `ready`.
        """
        result = export(
            CONTRACTS,
            self.actor.own_account,
            to_parameters(read_contract_choice(request, self.actor)),
            format_=request.query_params.get("format") or _accepted_format(request),
            user_id=self.actor.person,
            now=timezone.now(),
        )
        if isinstance(result, Export):
            return exported(result, status.HTTP_202_ACCEPTED)
        return result


class ContractDownloadView(ManyFilesView):
    query_parameters = (
        query("kind", str, "The current PDFs (default), or the evidence bundles.", enum=list(MAX_CONTRACTS)),
        query(
            "part",
            {"type": "integer", "minimum": 1, "maximum": MAX_PARTS},
            "Which part, from 1, if one archive cannot hold all.",
        ),
        *CONTRACT_FILTERS,
        NUMBERS,
    )

    @extend_schema(
        operation_id="download_contracts",
        summary="The contracts' PDFs or evidence as one ZIP",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    @refuses("invalid", "storage_unavailable", "downloads_busy")
    def get(self, request: Request) -> HttpResponseBase:
        """Download up to 2,000 PDFs, or 200 evidence bundles, at once.

        The archive holds SHA256SUMS. Voided contracts have no files and are named in NOT-INCLUDED.txt. If a file cannot
        be read, the archive ends without its directory, so that it is not taken for complete.
        """
        contracts = read_contract_choice(request, self.actor).find(self.actor.own_account, timezone.now())
        given = request.query_params
        return archive_response(
            contracts, kind=given.get("kind") or "current", part=given.get("part", ""), by=self.actor
        )


class ExportView(ApiView):
    @extend_schema(operation_id="get_export", summary="An export that is being prepared", responses=ExportSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        return exported(get_export(self.actor.own_account, self.actor.person, pk), status.HTTP_200_OK)


class ExportFileView(ApiView):
    content_negotiation_class = AnyAccept

    @extend_schema(operation_id="get_export_file", summary="The file of a finished export", responses=FILES)
    @refuses("storage_unavailable")
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        return stored_response(get_export(self.actor.own_account, self.actor.person, pk))


def exported(export_: Export, status_code: int) -> Response:
    return Response(ExportSerializer(export_).data, status=status_code)


def _accepted_format(request: Request) -> str:
    accepted = request.headers.get("Accept", "")
    return next((name for name, type_ in CONTENT_TYPES.items() if type_.partition(";")[0] in accepted), "csv")
