"""Back office pages of the audit trail and the documents, read-only (R27)."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import get_ids
from accounts.admin.decisions import RecordAdmin
from common.normal_forms import normalise_identifier
from contracts.admin.dossier import SOURCES, timeline
from contracts.admin.marks import MarkedContract
from contracts.admin.trail_export import export_trail
from contracts.admin.trail_filters import PersonAndDays, TrailLookups, with_actor_names
from contracts.models import AuditEvent, Contract, ContractDocument
from exports.lists import get_filter


@admin.register(ContractDocument)
class ContractDocumentAdmin(MarkedContract, RecordAdmin):
    record_template = "admin/contracts/contractdocument/record.html"
    list_display = ["contract_marked", "kind", "level", "pages", "size", "sha256", "created_at"]
    list_select_related = ["contract"]
    list_filter = ["kind"]
    sortable_by = ()
    search_fields = ["contract__number", "sha256"]
    search_help_text = _("Contract No., or the complete SHA-256")
    ordering = ["-pk"]

    def search_for(self, term: str) -> Q:
        return Q(contract__in=get_ids(Contract.objects.filter(number=term))) | Q(
            sha256=normalise_identifier(term).lower()
        )

    def title_of(self, row: Any) -> str:
        return f"{row.contract.number} · {row.get_kind_display()}"


class EventSource(admin.SimpleListFilter):
    """Filter by source, from a fixed list: a query for the distinct values would read the whole trail."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return list(SOURCES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        return queryset.filter(source=self.value()) if self.value() else None


@admin.register(AuditEvent)
class AuditEventAdmin(MarkedContract, TrailLookups, RecordAdmin):
    change_list_template = "admin/contracts/auditevent/change_list.html"
    record_template = "admin/contracts/auditevent/record.html"
    list_display = ["contract_marked", "kind", "at", "source_shown", "who"]
    list_select_related = ["contract"]
    list_filter = ["kind", EventSource, PersonAndDays]
    sortable_by = ()
    search_fields = ["contract__number"]
    search_help_text = _("Contract No.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_actor_names(super().get_queryset(request))

    def get_urls(self) -> list[URLPattern]:
        own = path("export/", self.admin_site.admin_view(export_trail), name="contracts_auditevent_export")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        links = {
            "trail_export_url": reverse("admin:contracts_auditevent_export"),
            "export_query": get_filter(request),
        }
        return super().changelist_view(request, {**links, **(extra_context or {})})

    def search_for(self, term: str) -> Q:
        return Q(contract__in=get_ids(Contract.objects.filter(number=term)))

    def title_of(self, row: Any) -> str:
        return f"{row.contract.number} · {row.get_kind_display()}"

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"entry": timeline([row])[0]}

    @admin.display(description=_("source"))
    def source_shown(self, row: Any) -> str:
        return str(SOURCES[row.source])
