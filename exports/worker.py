"""Write waiting exports, and delete old ones."""

import logging
import shutil
from datetime import datetime, timedelta
from functools import partial

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from common.errors import DATABASE_UNAVAILABLE_ERRORS
from common.transactions import in_transaction
from emails.models import Notice
from emails.writing import send_emails_after_commit
from exports.emails import EXPORT_READY, OFFICE_EXPORT_READY
from exports.files import work_folder, write_file
from exports.models import Export
from jobs.turns import TurnResult

EXPORT_RETENTION = timedelta(days=7)
LEFTOVER_AGE = timedelta(days=1)
MAX_ATTEMPTS = 3
Status = Export.Status

log = logging.getLogger(__name__)


def find_next_export_due_time(_until: datetime) -> datetime | None:
    """Return now if an export waits, else None."""
    return timezone.now() if Export.objects.filter(status=Status.WAITING).exists() else None


def write_waiting_exports() -> TurnResult:
    """Write the export that waits longest, store it and tell its user by email."""
    export_ = Export.objects.filter(status=Status.WAITING).order_by("requested_at").first()
    if export_ is None:
        return TurnResult(0)
    waiting = Export.objects.filter(pk=export_.pk, status=Status.WAITING)
    if export_.attempts >= MAX_ATTEMPTS:  # each attempt killed its worker, for example by lack of memory
        log.error("export %s failed %d times", export_.pk, export_.attempts)
        waiting.update(status=Status.FAILED, finished_at=timezone.now())
        return TurnResult(1)
    waiting.update(attempts=F("attempts") + 1)
    try:
        with translation.override(export_.language):
            _store(export_)
    except DATABASE_UNAVAILABLE_ERRORS:
        raise
    except Exception:
        log.exception("export %s failed", export_.pk)
        waiting.update(status=Status.FAILED, finished_at=timezone.now())
    return TurnResult(1)


def _store(export_: Export) -> None:
    with write_file(export_, timezone.now()) as file:
        size = file.seek(0, 2)
        file.seek(0)
        default_storage.save(export_.path, File(file))  # replaces the file of an interrupted attempt
    _finish(export_, size)
    if not Export.objects.filter(pk=export_.pk).exists():  # the row was deleted while the file was written
        default_storage.delete(export_.path)


@in_transaction
def _finish(export_: Export, size: int) -> None:
    now = timezone.now()
    waiting = Export.objects.filter(pk=export_.pk, status=Status.WAITING)
    if not waiting.update(status=Status.READY, finished_at=now, size=size):
        return  # another worker wrote it too
    if export_.user.email:
        _write_email(export_, now)
        send_emails_after_commit()


def _write_email(export_: Export, now: datetime) -> None:
    account = export_.account.number if export_.account else ""
    page = reverse("export" if account else "admin:export", args=[export_.pk])
    Notice.objects.create(
        user=export_.user,
        kind=(EXPORT_READY if account else OFFICE_EXPORT_READY).name,
        reference=account,
        time_zone=export_.zone.key,
        facts={"account": account, "file": export_.file_name, "path": page},
        due_at=now,
        created_at=now,
    )


def delete_old_exports(*, now: datetime) -> int:
    """Delete exports a week after the request, and temporary files of killed workers. Return the number of exports."""
    for left in work_folder().iterdir():
        if left.stat().st_mtime < (now - LEFTOVER_AGE).timestamp():
            shutil.rmtree(left, ignore_errors=True)
    return delete_exports(Export.objects.filter(requested_at__lt=now - EXPORT_RETENTION))


def delete_exports(exports: "QuerySet[Export]") -> int:
    """Delete the exports; their files once the transaction commits. Return their number."""
    done = 0
    for export_ in exports.iterator():
        transaction.on_commit(partial(default_storage.delete, export_.path))
        export_.delete()
        done += 1
    return done
