"""Answer with the filtered audit trail as a download."""

from typing import cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.security_log import record_security_event
from accounts.models import SecurityEvent
from common.errors import Refused
from contracts.bulk.trail_export import FORMATS
from contracts.models import AuditEvent
from exports.lists import get_filter
from exports.office import get_listed_rows

MAX_EVENTS = 1_000_000
"""Events in one file."""


def export_trail(request: HttpRequest) -> StreamingHttpResponse:
    """Stream the events that the list shows for the same filter. The security log records it.

    Raises PermissionDenied without the permission to view events, and Refused `invalid`.
    """
    user = cast("User", request.user)  # admin_view admits only signed-in staff
    if request.method not in ("GET", "HEAD") or not user.has_perm("contracts.view_auditevent"):
        raise PermissionDenied
    format_ = request.GET.get("format", "csv")
    if format_ not in FORMATS:
        raise Refused("invalid", _("The format must be csv or jsonl."), pointer="/format")
    events = get_listed_rows(AuditEvent, user, get_filter(request))
    count = events.order_by().values("pk")[: MAX_EVENTS + 1].count()
    if count > MAX_EVENTS:
        raise Refused("invalid", _("An export holds at most %(most)d rows. Narrow the list.") % {"most": MAX_EVENTS})
    detail = f"back office: audit trail {format_}, {count} rows"
    record_security_event(kind=SecurityEvent.Kind.EXPORTED, user_id=user.pk, detail=detail)
    stream, content_type = FORMATS[format_]
    answer = StreamingHttpResponse(stream(events, timezone.get_default_timezone()), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="audit-trail-{timezone.localdate():%Y-%m-%d}.{format_}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
