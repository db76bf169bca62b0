"""Pages of exports that a worker writes."""

import uuid

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access.member_page import member_page
from accounts.models import Membership
from exports.asking import get_export
from exports.files import stored_response


@require_safe
@member_page
def export_page(request: HttpRequest, membership: Membership, export_id: uuid.UUID) -> HttpResponse:
    """Show whether the export is ready. The page reloads until it is."""
    export = get_export(membership.account, membership.user_id, export_id)
    answer = render(request, "exports/export.html", {"export": export})
    if export.status == export.Status.WAITING:
        answer["Refresh"] = "5"  # seconds; works without JavaScript
    return answer


@require_safe
@member_page
def export_file(request: HttpRequest, membership: Membership, export_id: uuid.UUID) -> FileResponse:
    return stored_response(get_export(membership.account, membership.user_id, export_id))
