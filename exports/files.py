"""Write the file of an export, and answer with it."""

import logging
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from common.errors import Refused
from common.replica import read_from_replica
from common.storage import open_stream
from common.tables import CONTENT_TYPES, Format, Table, write_csv, write_xlsx
from exports.exporters import EXPORTERS
from exports.models import Export
from exports.office import OFFICE_EXPORTERS

BLOCK_BYTES = 64 * 1024

log = logging.getLogger(__name__)


def work_folder() -> Path:
    """Return the folder of files that are being written. Containers keep /tmp in memory."""
    folder: Path = settings.DATA_DIR / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_file(export_: Export, now: datetime) -> BinaryIO:
    """Return a temporary file with the table, at its beginning."""
    file = TemporaryFile(dir=work_folder())  # noqa: SIM115 - the response closes it
    with read_from_replica():
        tables = _tables(export_, now)
        if export_.format == "csv":
            [table] = tables
            write_csv(table, file, export_.zone)
        else:
            with TemporaryDirectory(dir=work_folder()) as folder:
                write_xlsx(tables, file, export_.zone, folder=Path(folder))
    file.seek(0)
    return file


def _tables(export_: Export, now: datetime) -> list[Table]:
    format_ = cast("Format", export_.format)
    if export_.account is None:
        return OFFICE_EXPORTERS[export_.exporter].tables(export_.user, export_.parameters, now, format_)
    return EXPORTERS[export_.exporter].tables(export_.account, export_.parameters, now, format_)


def file_response(file: BinaryIO, export_: Export) -> FileResponse:
    """Return `file` as a download. No cache may store it."""
    content_type = CONTENT_TYPES[cast("Format", export_.format)]
    answer = FileResponse(file, as_attachment=True, filename=export_.file_name, content_type=content_type)
    answer["Cache-Control"] = "private, no-store"
    answer.block_size = BLOCK_BYTES
    return answer


def stored_response(export_: Export) -> FileResponse:
    """Return the file of a finished export. Raises Http404 if there is none, Refused `storage_unavailable`."""
    if export_.status != Export.Status.READY:
        raise Http404
    try:
        file = open_stream(default_storage, export_.path)
    except Exception as error:  # the backends (file system, S3) share no base class for their failures
        log.exception("storage cannot be read: %s", export_.path)
        raise Refused("storage_unavailable", _("The export cannot be read right now. Try again shortly.")) from error
    answer = file_response(cast("BinaryIO", file), export_)
    answer["Content-Length"] = str(export_.size)
    return answer
