"""Back office pages of exports that a worker writes."""

import uuid
from typing import cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from exports.files import stored_response
from exports.office import get_office_export


@require_safe
def office_export_page(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    """Show whether the export is ready. The page reloads until it is."""
    export = get_office_export(cast("User", request.user), export_id)
    context = {**admin.site.each_context(request), "title": _("Export"), "export": export}
    answer = render(request, "admin/exports/export.html", context)
    if export.status == export.Status.WAITING:
        answer["Refresh"] = "5"  # seconds; works without JavaScript
    return answer


@require_safe
def office_export_file(request: HttpRequest, export_id: uuid.UUID) -> FileResponse:
    return stored_response(get_office_export(cast("User", request.user), export_id))
