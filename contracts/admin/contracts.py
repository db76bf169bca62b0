"""Back office pages of contracts: read-only, with search and integrity check."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access.actors import staff_actor
from accounts.admin.base import badge, find_account_ids, get_ids, with_test_mark
from accounts.admin.day_range import day_range
from accounts.admin.decisions import RecordAdmin
from common.money import format_amount
from contracts import evidence
from contracts.admin.dossier import dossier
from contracts.admin.filters import Attention, StatusNow, TestContracts
from contracts.bulk.exporting import OFFICE_CONTRACTS
from contracts.documents import files as documents
from contracts.documents import page_images as page_pictures
from contracts.models import Contract, ContractDocument, ContractOrder
from contracts.models.querysets import po_number_is
from contracts.trail import check_contract as integrity
from exports.lists import ExportedList
from orders.models import Order


@admin.register(Contract)
class ContractAdmin(ExportedList, RecordAdmin):
    exporter = OFFICE_CONTRACTS
    record_template = "admin/contracts/contract/record.html"
    list_display = ["number_marked", "account", "type", "status_now", "total", "applied_at"]
    list_filter = [StatusNow, "type", Attention, TestContracts, day_range("applied_at", _("application time"))]
    list_select_related = ["account"]
    sortable_by = ["applied_at"]
    search_fields = ["number"]
    search_help_text = _(
        "Complete contract No., order No., PO number, account number or verification code,"
        " or part of a current or former name of the account"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        contracts: Any = super().get_queryset(request)
        return contracts.with_facts_at(timezone.now())

    def search_for(self, term: str) -> Q:
        """Match contracts by their own number or code, PO number or an order's number; otherwise by account."""
        own = Contract.objects.filter(Q(number=term) | Q(verification_code=term) | po_number_is(term))
        holding = ContractOrder.objects.filter(order__in=get_ids(Order.objects.numbered(term)))
        contracts = {*get_ids(own), *holding.values_list("contract", flat=True)}
        return Q(pk__in=contracts) if contracts else Q(account__in=find_account_ids(term))

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return dossier(row, now=timezone.now())

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("<int:pk>/document/<str:kind>/", guarded(self.document), name="contracts_contract_document"),
            path(
                "<int:pk>/pages/<str:kind>/<int:page>.png", guarded(self.page_picture), name="contracts_contract_page"
            ),
            path("<int:pk>/evidence/", guarded(self.evidence), name="contracts_contract_evidence"),
            path("<int:pk>/check/", guarded(self.check_integrity), name="contracts_contract_check"),
            *super().get_urls(),
        ]

    def document(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """Answer with a file of the contract, also if it is voided."""
        document = self._document(request, pk, kind)
        return documents.document_response(
            request, document, document.contract, download=request.GET.get("download") == "1"
        )

    def page_picture(self, request: HttpRequest, pk: int, kind: str, page: int) -> HttpResponse:
        document = self._document(request, pk, kind)
        if not 1 <= page <= document.pages:
            raise Http404
        picture = page_pictures.cached_picture(
            document.sha256, page, page_pictures.WIDTH, lambda: documents.read(document)
        )
        return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, no-store"})

    def evidence(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with the evidence bundle, also if the contract is voided."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        contract = get_object_or_404(Contract, pk=pk)
        by = staff_actor(cast("AbstractUser", request.user), "contracts.view_contract")
        return evidence.bundle_response(request, contract, by=by, voided_too=True)

    def check_integrity(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check that the contract's files, seal, figures and trail agree. Changes nothing."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        context = {
            "object": row,
            "results": integrity.check_contract(row),
            **self._page(request, row, str(_("Integrity check"))),
        }
        return render(request, "admin/contracts/contract/check.html", context)

    def _document(self, request: HttpRequest, pk: int, kind: str) -> ContractDocument:
        if not self.has_view_permission(request):
            raise PermissionDenied
        documents_of = ContractDocument.objects.select_related("contract").filter(contract__pk=pk)
        return get_object_or_404(documents_of, kind=kind)

    @admin.display(description=_("contract No."))
    def number_marked(self, row: Any) -> str:
        return with_test_mark(row.number, is_test=row.is_test)

    @admin.display(description=_("status"))
    def status_now(self, row: Any) -> str:
        return badge(row.status_at, Contract.Status(row.status_at).label)

    @admin.display(description=_("total"))
    def total(self, row: Any) -> str:
        return format_amount(row.total_amount, row.currency)
