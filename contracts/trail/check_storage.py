"""Check that every signed list, stamp and sealed file in the storage is registered in the database (R38).

They are not if the database was restored from an older backup or lost rows. Memory is bounded by one folder's names and
one chunk of a file.
"""

from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from common.chunks import in_chunks
from common.errors import DATABASE_UNAVAILABLE_ERRORS
from contracts.models import ContractDocument
from contracts.trail.defects import Defect
from contracts.trail.list_files import names_in, path_of, unregistered_lists
from contracts.trail.renewal.check_stamps import unregistered_stamps

NAMES_PER_QUERY = 500
SIGNATURE_MARK = b"/ByteRange"
"""Uncompressed in every signed PDF file (ISO 32000-2, 12.8.1), and in no draft."""


def check_storage() -> Iterator[Defect]:
    """Yield each signed list, stamp and sealed file in the storage that has no row."""
    try:
        yield from _unregistered_lists()
        yield from unregistered_stamps(default_storage)
        yield from _unregistered_files()
    except DATABASE_UNAVAILABLE_ERRORS:
        raise
    except Exception as error:  # the storage backends share no base class for their failures
        yield Defect(_("Storage"), _("The storage can be read"), str(error))


def _unregistered_lists() -> Iterator[Defect]:
    for one in unregistered_lists(default_storage):
        yield Defect(
            _("Daily list %(number)d of %(day)s") % {"number": one.head.number, "day": one.head.day},
            _("Every signed daily list in the storage is registered"),
            _(
                "%(path)s is signed by our seal, but no row names it: the database went back to an older state, or the "
                "row was removed. Compare with a newer backup."
            )
            % {"path": path_of(one.head.number, one.sha256)},
        )


def _unregistered_files() -> Iterator[Defect]:
    for path in files_without_a_row():
        if _is_sealed(path) and not _is_registered(path):
            yield Defect(
                path,
                _("Every sealed file in the storage is registered"),
                _(
                    "No row names this sealed file: the database went back to an older state, its row was removed, or "
                    "a conversion was interrupted before its commit. Look up the contract that it prints: if that is "
                    "a draft, and all lists and trails are sound, nobody received the file, and you may remove it."
                ),
            )


def files_without_a_row() -> Iterator[str]:
    """Yield stored documents without a row. Rolled-back transactions leave drafts behind; those are harmless."""
    try:
        folders, _files = default_storage.listdir("documents")
    except FileNotFoundError:  # the storage of a new system
        return
    for folder in folders:
        for names in in_chunks(names_in(default_storage, f"documents/{folder}"), NAMES_PER_QUERY):
            hashes = {name.removesuffix(".pdf"): name for name in names if not name.startswith(".")}
            known = set(ContractDocument.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
            yield from (f"documents/{folder}/{name}" for sha256, name in hashes.items() if sha256 not in known)


def _is_sealed(path: str) -> bool:
    """Return True if the file has a signature. Reads it in chunks."""
    end = b""
    with default_storage.open(path) as file:
        for chunk in file.chunks():
            if SIGNATURE_MARK in end + chunk:
                return True
            end = chunk[-len(SIGNATURE_MARK) :]
    return False


def _is_registered(path: str) -> bool:
    """Query again: a conversion may have been committed since the folder was listed."""
    sha256 = path.rsplit("/", 1)[1].removesuffix(".pdf")
    return ContractDocument.objects.filter(sha256=sha256).exists()
