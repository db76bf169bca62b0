"""Ask for an export: a small one is written at once, others by a worker (R43)."""

import uuid
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access.security_log import record_security_event
from accounts.models import Account, Membership, SecurityEvent
from common.errors import Refused
from common.tables import CONTENT_TYPES
from common.transactions import in_transaction
from exports.exporters import Exporter, Parameters
from exports.files import file_response, write_file
from exports.models import Export
from exports.office import OfficeExporter
from exports.tasks import write_exports
from jobs.queueing import enqueue

MAX_ROWS_AT_ONCE = 20_000
"""Rows that a request writes itself."""
MAX_ROWS = 1_000_000
"""An Excel sheet has 1,048,576."""
MAX_WAITING = 5
"""Exports of one account that may wait for a worker."""


def export(
    exporter: Exporter, account: Account, parameters: Parameters, *, format_: str, user_id: int, now: datetime
) -> FileResponse | Export:
    """Return the file of the rows at `now` (aware), or the waiting export if they are more than MAX_ROWS_AT_ONCE.

    The security log records it. Raises Refused `invalid` for an unknown format, for more than MAX_ROWS rows and while
    MAX_WAITING exports of the account are waiting.
    """
    unsaved = _unsaved(exporter.name, parameters, format_, now)
    unsaved.account, unsaved.user_id = account, user_id
    return _export(unsaved, exporter.count(account, parameters, now, MAX_ROWS + 1))


def _unsaved(name: str, parameters: Parameters, format_: str, now: datetime) -> Export:
    if format_ not in CONTENT_TYPES:
        raise Refused("invalid", _("The format must be csv or xlsx."), pointer="/format")
    return Export(
        exporter=name,
        parameters=parameters,
        format=format_,
        language=translation.get_language() or "en",
        requested_at=now,
    )


def _export(unsaved: Export, rows: int) -> FileResponse | Export:
    if rows > MAX_ROWS:
        raise Refused("invalid", _("An export holds at most %(most)d rows. Narrow the list.") % {"most": MAX_ROWS})
    place = "" if unsaved.account else "back office: "
    detail = f"{place}{unsaved.exporter} {unsaved.format}, {rows} rows"
    record_security_event(kind=SecurityEvent.Kind.EXPORTED, user_id=unsaved.user_id, detail=detail)
    if rows > MAX_ROWS_AT_ONCE:
        return _queue(unsaved)
    return file_response(write_file(unsaved, unsaved.requested_at), unsaved)


def export_response(
    exporter: Exporter, membership: Membership, parameters: Parameters, format_: str
) -> HttpResponseBase:
    """Return the file for a page, or lead to the page of the waiting export. Raises Refused like `export`."""
    result = export(
        exporter,
        membership.account,
        parameters,
        format_=format_,
        user_id=membership.user_id,
        now=timezone.now(),
    )
    return redirect("export", result.pk) if isinstance(result, Export) else result


def office_export_response(
    exporter: OfficeExporter, user: User, parameters: Parameters, format_: str
) -> HttpResponseBase:
    """Return the file for a back office page, or lead to the page of the waiting export.

    Raises PermissionDenied without the exporter's permission, and Refused like `export`.
    """
    if not user.has_perm(exporter.permission):
        raise PermissionDenied
    unsaved = _unsaved(exporter.name, parameters, format_, timezone.now())
    unsaved.user = user
    rows = exporter.count(user, parameters, unsaved.requested_at, MAX_ROWS + 1)
    result = _export(unsaved, rows)
    return redirect("admin:export", result.pk) if isinstance(result, Export) else result


@in_transaction
def _queue(unsaved: Export) -> Export:
    if Export.objects.filter(account=unsaved.account, status=Export.Status.WAITING).count() >= MAX_WAITING:
        raise Refused("throttled", _("Other exports are being prepared. Try again when they are ready."))
    unsaved.save()
    transaction.on_commit(lambda: enqueue(write_exports), robust=True)  # without a broker the scheduler starts it
    return unsaved


def get_export(account: Account, user_id: int, id_: uuid.UUID) -> Export:
    """Return the user's own export of this account. Raises Http404 for any other (R26)."""
    return get_object_or_404(Export.objects.select_related("account"), pk=id_, account=account, user=user_id)
