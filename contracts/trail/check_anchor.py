"""Compare the anchor with the database. The anchor still has what both database and storage have lost (R38)."""

from collections.abc import Iterator
from tempfile import TemporaryFile

from django.core.files.storage import Storage
from django.utils.translation import gettext as _

from contracts.models import EvidenceStamp, TrailSeal
from contracts.trail import list_files
from contracts.trail.check_lists import name_of
from contracts.trail.defects import Defect
from contracts.trail.renewal import stamp_files
from contracts.trail.renewal.check_stamps import unregistered_stamps


def check_anchor(storage: Storage) -> Iterator[Defect]:
    """Yield each list and stamp that only the anchor has, and each that is missing there or differs."""
    for one in list_files.unregistered_lists(storage):
        yield Defect(
            _("Daily list %(number)d of %(day)s") % {"number": one.head.number, "day": one.head.day},
            _("Every daily list of the anchor is registered"),
            _(
                "The anchor has it, signed by our seal, with SHA-256 %(sha256)s, but the database does not: database "
                "and storage went back to an older state."
            )
            % {"sha256": one.sha256},
        )
    yield from unregistered_stamps(storage)
    for seal in TrailSeal.objects.order_by("number").iterator():
        yield from _missing(storage, name_of(seal), list_files.files_of(seal))
    for stamp in EvidenceStamp.objects.order_by("number").iterator():
        yield from _missing(storage, _("Stamp %(number)d") % {"number": stamp.number}, stamp_files.files_of(stamp))


def _missing(storage: Storage, where: str, files: dict[str, str]) -> Iterator[Defect]:
    for path, sha256 in files.items():
        try:
            with TemporaryFile() as file:
                list_files.fetch(path, sha256, file, storage=storage)
        except Exception as error:  # the storage backends share no base class for their failures
            yield Defect(where, _("The anchor has every daily list and stamp"), str(error))
