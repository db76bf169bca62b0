"""Lists of the back office that can be exported."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse

from exports.asking import office_export_response
from exports.office import OfficeExporter

NOT_FILTERS = ("format", "p", "e", "all")
"""Query parameters of the list that do not change its rows, and the export's own."""


class ExportedList(admin.ModelAdmin):
    """Adds links to export the filtered list."""

    exporter: OfficeExporter

    def get_urls(self) -> list[URLPattern]:
        own = path("export/", self.admin_site.admin_view(self.export_list), name=self._export_name)
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        links = {"export_url": reverse(f"admin:{self._export_name}"), "export_query": get_filter(request)}
        return super().changelist_view(request, {**links, **(extra_context or {})})

    def export_list(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the file of the filtered list, or lead to the page of the waiting export."""
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        user = cast("User", request.user)  # admin_view admits only signed-in staff
        parameters = {"query": get_filter(request)}
        return office_export_response(self.exporter, user, parameters, request.GET.get("format", "xlsx"))

    @property
    def _export_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_export"


def get_filter(request: HttpRequest) -> str:
    """Return the query string without parameters that do not change the rows."""
    query = request.GET.copy()
    for name in NOT_FILTERS:
        query.pop(name, None)
    return query.urlencode()
