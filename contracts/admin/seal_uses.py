"""The ledger of uses of the seal's key in the back office, with its reconciliation."""

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin, get_ids, with_test_mark
from common.days import EARLIEST_DAY, LATEST_DAY, Interval
from common.normal_forms import normalise_identifier
from contracts.admin.dossier import SOURCES
from contracts.admin.trail_filters import SINCE, UNTIL, PersonAndDays, TrailLookups, with_actor_names
from contracts.models import Contract, SealUse
from contracts.trail.check_uses import find_spare_uses, reconcile

MAX_DAYS = timedelta(days=366)
"""Days that are reconciled at once."""
FINGERPRINT_CHARS = 16
"""Of a key's fingerprint, in the list."""


class DocumentFilter(admin.SimpleListFilter):
    """Uses for a document that nobody received: its conversion was refused or interrupted after the key had signed.

    Of the days that the page reconciles.
    """

    title = _("document")
    parameter_name = "document"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [("none", _("No document"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        if self.value() != "none":
            return None
        days = _get_days(request).on("at", timezone.get_default_timezone())
        return queryset.filter(days, pk__in=find_spare_uses().filter(days).order_by().values("pk"))


@admin.register(SealUse)
class SealUseAdmin(TrailLookups, ReadOnlyAdmin):
    change_list_template = "admin/contracts/sealuse/change_list.html"
    list_display = ["at", "purpose", "contract_link", "who", "source_shown", "level", "key", "result"]
    list_display_links = None
    list_select_related = ["contract"]
    list_filter = ["purpose", PersonAndDays, DocumentFilter]
    sortable_by = ()
    search_fields = ["output_sha256"]
    search_help_text = _("Contract No., or the complete SHA-256 of a sealed file")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_actor_names(super().get_queryset(request))

    def search_for(self, term: str) -> Q:
        contracts = get_ids(Contract.objects.filter(number=term))
        return Q(contract__in=contracts) if contracts else Q(output_sha256=normalise_identifier(term).lower())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        days = _get_days(request)
        own = {"reconciliation": reconcile(days.first, days.last), "days": days}
        return super().changelist_view(request, {**own, **(extra_context or {})})

    @admin.display(description=_("contract"))
    def contract_link(self, row: SealUse) -> str | SafeString:
        if row.contract is None:
            return "—"
        url = reverse("admin:contracts_contract_change", args=[row.contract_id])
        link = format_html('<a href="{}">{}</a>', url, row.contract.number)
        return with_test_mark(link, is_test=row.contract.is_test)

    @admin.display(description=_("source"))
    def source_shown(self, row: SealUse) -> str:
        return str(SOURCES[row.source])

    @admin.display(description=_("key"))
    def key(self, row: SealUse) -> SafeString:
        return _short(row.fingerprint)

    @admin.display(description=_("SHA-256 of the result"))
    def result(self, row: SealUse) -> SafeString | str:
        return _short(row.output_sha256) if row.output_sha256 else gettext("None: sealing failed")


def _short(sha256: str) -> SafeString:
    return format_html('<code title="{}">{}…</code>', sha256, sha256[:FINGERPRINT_CHARS])


def _get_days(request: HttpRequest) -> Interval:
    """Return the days to reconcile: those of the list's filter, at most the last MAX_DAYS of them.

    Without a filter, or with one that cannot be read, this month.
    """
    try:
        first, last = (date.fromisoformat(text) if (text := request.GET.get(name)) else None for name in (SINCE, UNTIL))
    except ValueError:
        first = last = None
    if not (first or last):
        return Interval.month_of(timezone.now(), timezone.get_default_timezone())
    last = min(last or LATEST_DAY, max(timezone.localdate(), first or EARLIEST_DAY))
    return Interval(max(first or EARLIEST_DAY, last - MAX_DAYS), last)
