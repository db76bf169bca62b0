"""Check the stamps of daily lists: each as of the time when the next one renewed it, the newest as of now (R38)."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile

from django.core.files.storage import Storage, default_storage
from django.utils.translation import gettext as _

from common.errors import Refused
from contracts.models import EvidenceStamp
from contracts.sealing.stamps import read_stamp, validate_stamp
from contracts.trail.defects import Defect
from contracts.trail.list_files import WrongChecksum, fetch
from contracts.trail.renewal.stamp_files import (
    Tokens,
    add_token,
    names_of_stamps,
    path_of,
    range_of,
    root_of,
    token_path_of,
    tokens_before,
    write,
)
from contracts.trail.renewal.stamping import renewal_time


def check_stamps() -> Iterator[Defect]:
    """Check that the stamps are numbered without a gap, stored, cover the lists as they are now, and are valid."""
    expected, tokens = 1, tokens_before(1)
    for stamp in EvidenceStamp.objects.order_by("number").iterator():
        for number in range(expected, stamp.number):
            yield Defect(
                _("Stamp %(number)d") % {"number": number},
                _("The stamps are numbered without a gap"),
                _("It is not in the database: its row was removed."),
            )
        yield from (Defect(_name_of(stamp), what, text) for what, text in _faults(stamp, tokens))
        add_token(tokens, stamp)
        expected = stamp.number + 1


def unregistered_stamps(storage: Storage) -> Iterator[Defect]:
    """Yield each stamp in the storage that has a valid timestamp and no row."""
    names = names_of_stamps(storage)
    known = set(EvidenceStamp.objects.values_list("number", "sha256"))
    for number, sha256 in names:
        if (number, sha256) not in known and (lists := _stamped_lists(storage, number, sha256)):
            yield Defect(
                _("Stamp %(number)d") % {"number": number},
                _("Every stamp in the storage is registered"),
                _(
                    "%(path)s has a valid timestamp over the daily lists %(first)d to %(last)d, but no row names it: "
                    "the database went back to an older state, its row was removed, or stamping was interrupted (the "
                    "next run within the hour registers it then)."
                )
                % {"path": path_of(number, sha256), "first": lists[0], "last": lists[1]},
            )


def _name_of(stamp: EvidenceStamp) -> str:
    facts = {"number": stamp.number, "first": stamp.first_list, "last": stamp.last_list}
    return _("Stamp %(number)d of the daily lists %(first)d to %(last)d") % facts


def _faults(stamp: EvidenceStamp, tokens: Tokens) -> Iterator[tuple[str, str]]:
    """Yield each failed check and its details. `tokens` are those of earlier stamps."""
    try:
        with TemporaryFile() as file:
            fetch(path_of(stamp.number, stamp.sha256), stamp.sha256, file)
            root, covered = root_of(file), range_of(file)
        with default_storage.open(token_path_of(stamp.number, stamp.sha256)) as stored:
            token = stored.read()
    except Exception as error:  # the storage backends share no base class for their failures
        yield _("The stamp is stored as registered"), str(error)
        return
    if hashlib.sha256(token).hexdigest() != stamp.token_sha256:
        yield _("The stamp is stored as registered"), _("Its timestamp is not the registered one.")
        return
    with TemporaryFile() as file:
        now_written = write(file, stamp.number, stamp.first_list, stamp.last_list, tokens)
    if now_written != stamp.sha256 or covered != (stamp.first_list, stamp.last_list):
        what = _("The stamp covers the lists, their signatures and all earlier stamps")
        yield what, _("The lists or stamps that it covers are not those in the database now.")
    try:
        validate_stamp(token, root, at=_renewed_at(stamp))
        read = read_stamp(token)
    except Refused as refused:
        yield _("The timestamp was valid until it was renewed"), refused.detail
        return
    registered = (stamp.root, stamp.stamped_at, stamp.ends_at, stamp.renew_at)
    if registered != (root, read.at, read.ends_at, renewal_time(read.at, read.ends_at)):
        yield _("The stamp is as registered"), _("Its root or its times differ from those in its row.")


def _renewed_at(stamp: EvidenceStamp) -> datetime | None:
    """Return when the next stamp over all its lists was made; None for the newest one."""
    later = EvidenceStamp.objects.filter(
        number__gt=stamp.number, first_list__lte=stamp.first_list, last_list__gte=stamp.last_list
    )
    return later.order_by("number").values_list("stamped_at", flat=True).first()


def _stamped_lists(storage: Storage, number: int, sha256: str) -> tuple[int, int] | None:
    """Return the first and the last list of a stamp if its timestamp is valid, or was when it was made."""
    with TemporaryFile() as file:
        try:
            fetch(path_of(number, sha256), sha256, file, storage=storage)
            with storage.open(token_path_of(number, sha256)) as stored:
                token = stored.read()
            validate_stamp(token, root_of(file), at=read_stamp(token).at)
            return range_of(file)
        except (FileNotFoundError, WrongChecksum, ValueError, Refused):
            return None
