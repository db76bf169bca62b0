"""Back office pages of the audit trail and the documents, read-only (R27)."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import get_ids
from accounts.admin.decisions import RecordAdmin
from common.normal_forms import normalise_identifier
from contracts.admin.dossier import SOURCES, timeline
from contracts.models import AuditEvent, Contract, ContractDocument


@admin.register(ContractDocument)
class ContractDocumentAdmin(RecordAdmin):
    record_template = "admin/contracts/contractdocument/record.html"
    list_display = ["contract", "kind", "level", "pages", "size", "sha256", "created_at"]
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
class AuditEventAdmin(RecordAdmin):
    record_template = "admin/contracts/auditevent/record.html"
    list_display = ["contract", "kind", "at", "source_shown", "who"]
    list_select_related = ["contract"]
    list_filter = ["kind", EventSource]
    sortable_by = ()
    search_fields = ["contract__number"]
    search_help_text = _("Contract No.")
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Annotate user names: events only store ids (R27)."""
        name = get_user_model().objects.filter(pk=OuterRef("actor_id")).values("username")
        return super().get_queryset(request).annotate(actor_name=Subquery(name))

    def search_for(self, term: str) -> Q:
        return Q(contract__in=get_ids(Contract.objects.filter(number=term)))

    def title_of(self, row: Any) -> str:
        return f"{row.contract.number} · {row.get_kind_display()}"

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"entry": timeline([row])[0]}

    @admin.display(description=_("by"))
    def who(self, row: Any) -> str:
        """Return the user name, the id of an erased person, or a dash for scheduler and commands."""
        return row.actor_name or (f"#{row.actor_id}" if row.actor_id else "—")

    @admin.display(description=_("source"))
    def source_shown(self, row: Any) -> str:
        return str(SOURCES[row.source])
