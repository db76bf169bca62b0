"""The scan of a certification request: shown as a picture beside the facts, and to download (R11).

The file comes from outside. Browsers get only pixels drawn by a confined process, or the file as a download.
"""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from accounts.access.security_log import record_security_event
from accounts.admin.base import change_url_name
from accounts.admin.decisions import DecisionsMixin
from accounts.certification.licence_scans import detect_file_type, read_licence
from accounts.models import CertificationRequest, SecurityEvent
from common.errors import Refused
from common.untrusted_pictures import draw_picture

DECIDE_PERMISSION = "accounts.decide_certificationrequest"
WIDTH, LARGE = 1240, 2480
"""Widths in pixels of the picture beside the facts, and of the enlarged one."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


class ScanPages(DecisionsMixin):
    """Adds the scan's download and picture. Each reading is recorded in the security log."""

    def get_urls(self) -> list[URLPattern]:
        guarded, name = self.admin_site.admin_view, "accounts_certificationrequest_licence"
        return [
            path("<int:pk>/licence/", guarded(self.licence), name=name),
            path("<int:pk>/licence/picture/", guarded(self.licence_picture), name=f"{name}_picture"),
            *super().get_urls(),
        ]

    def may_read_scan(self, request: HttpRequest, row: Any = None) -> bool:
        """Return True for staff who decide certifications, except about an account of their own (R45)."""
        may_decide = request.user.has_perm(DECIDE_PERMISSION) and self.has_view_permission(request)
        return may_decide and not (row and self.conflict_about(request.user.pk or 0, row))

    def scan_context(self, request: HttpRequest, row: CertificationRequest) -> dict[str, Any]:
        """Return the context of `_scan.html`, which looks at `conflict` first. The picture is shown while it waits."""
        may_read = self.may_read_scan(request)
        return {
            "may_read_scan": may_read,
            "show_scan": bool(may_read and row.licence and row.status == CertificationRequest.Status.PENDING),
            "scan_is_pdf": PurePath(row.licence.name or "").suffix == ".pdf",
        }

    def licence(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Download the customer's file. It is untrusted, so the browser must save it and not display it."""
        row = self._get_readable(request, pk)
        try:
            content = read_licence(row)
        except Refused as refused:
            messages.error(request, refused.detail)
            return redirect(change_url_name(CertificationRequest), row.pk)
        _record_reading(request, row)
        name = f"licence-{row.pk}.{detect_file_type(content) or 'bin'}"
        return HttpResponse(
            content,
            content_type="application/octet-stream",
            headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'},
        )

    def licence_picture(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with the picture, or the PDF's first page; enlarged with `?size=large`. It is cached nowhere."""
        row = self._get_readable(request, pk)
        width = LARGE if request.GET.get("size") == "large" else WIDTH
        try:
            image = draw_picture(read_licence(row), width=width)
        except Refused as refused:
            return HttpResponse(
                refused.detail, content_type="text/plain; charset=utf-8", headers=HEADERS, status=refused.status
            )
        _record_reading(request, row)
        return HttpResponse(image, content_type="image/jpeg", headers=HEADERS)

    def _get_readable(self, request: HttpRequest, pk: int) -> CertificationRequest:
        """Return the request. Raises PermissionDenied for those who may not read its scan, Http404."""
        if not self.may_read_scan(request):
            raise PermissionDenied
        row = get_object_or_404(CertificationRequest.objects.select_related("account"), pk=pk)
        if not self.may_read_scan(request, row):
            raise PermissionDenied
        return row


def _record_reading(request: HttpRequest, row: CertificationRequest) -> None:
    record_security_event(
        kind=SecurityEvent.Kind.SCAN_READ, user_id=request.user.pk, detail=f"certification request {row.pk}"
    )
