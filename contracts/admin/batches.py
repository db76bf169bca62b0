"""Batches in the back office: what an account did to several contracts at once, and each result (R42). Read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge, find_account_ids, get_ids
from accounts.admin.decisions import RecordAdmin
from contracts.models import Batch, BatchItem, Contract


@admin.register(Batch)
class BatchAdmin(RecordAdmin):
    record_template = "admin/contracts/batch/record.html"
    list_display = ["batch", "account", "action", "requested_by", "requested_at", "progress"]
    list_select_related = ["account", "requested_by"]
    sortable_by = ()
    ordering = ["-pk"]
    search_fields = ["account__number"]
    search_help_text = _("Complete contract No. or account number, or part of a current or former name of the account")

    def search_for(self, term: str) -> Q:
        if contracts := get_ids(Contract.objects.filter(number=term)):
            return Q(pk__in=list(BatchItem.objects.filter(contract__in=contracts).values_list("batch", flat=True)))
        return Q(account__in=find_account_ids(term))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("account", "requested_by")

    def title_of(self, row: Any) -> str:
        return str(_("Batch %(id)d") % {"id": row.pk})

    def record_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"items": row.items.select_related("contract")}

    @admin.display(description=_("batch"))
    def batch(self, row: Batch) -> str:
        return self.title_of(row)

    @admin.display(description=_("status"))
    def progress(self, row: Batch) -> str:
        return badge("done", _("Finished")) if row.finished_at else badge("unpaid", _("In progress"))
