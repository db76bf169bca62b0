"""Stamp daily lists: once soon after each was sealed, and again before certificates or algorithms end (R38).

A new stamp covers each list, its signature and all its earlier timestamps, so the evidence reaches from the newest
timestamp back to the list. Only rows and files of stamps are added; a contract's file never changes.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db.models import Max, Min

from common.errors import Refused
from contracts.models import EvidenceStamp, TrailSeal
from contracts.sealing.stamps import read_stamp, request_stamp, validate_stamp
from contracts.trail.daily_seals import LOCK_KEY
from contracts.trail.list_files import WrongChecksum, fetch
from contracts.trail.renewal.stamp_files import (
    names_of_stamps,
    path_of,
    range_of,
    root_of,
    token_path_of,
    tokens_before,
    write,
)
from jobs.turns import exclusive_on_all_hosts

RENEWAL_LEAD = timedelta(days=365)
"""How long before its certificates end a stamp is renewed."""

log = logging.getLogger(__name__)


def stamp_new_lists() -> EvidenceStamp | None:
    """Stamp the lists that have no stamp, with one timestamp. Return None if there are none, or no server is set.

    Safe to run twice, concurrently, and after an interruption. Raises SealUnavailable or a storage error.
    """
    with exclusive_on_all_hosts("stamp", LOCK_KEY) as acquired:
        if not acquired or not settings.SEAL_TSA_URL:
            return None
        stamped = EvidenceStamp.objects.aggregate(last=Max("last_list"))["last"] or 0
        last = TrailSeal.objects.aggregate(last=Max("number"))["last"] or 0
        return _stamp(stamped + 1, last) if last > stamped else None


def renew(*, now: datetime, all_lists: bool = False) -> EvidenceStamp | None:
    """Stamp again the lists whose newest stamp is due for renewal at `now` (aware), or all stamped lists.

    Return None if nothing is due. Safe and raises like stamp_new_lists. The caller checks that a server is set.
    """
    with exclusive_on_all_hosts("stamp", LOCK_KEY) as acquired:
        stamps = EvidenceStamp.objects.all() if all_lists else EvidenceStamp.objects.due(now)
        lists = stamps.aggregate(first=Min("first_list"), last=Max("last_list"))
        return _stamp(lists["first"], lists["last"]) if acquired and lists["first"] else None


def _stamp(first: int, last: int) -> EvidenceStamp:
    number = (EvidenceStamp.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    return _register_interrupted(number) or _make(number, first, last)


def _make(number: int, first: int, last: int) -> EvidenceStamp:
    with TemporaryFile() as file:
        sha256 = write(file, number, first, last, tokens_before(number))
        root = root_of(file)
        token = request_stamp(root)
        # The timestamp first: a timestamp without the stamp's file is ignored.
        default_storage.save(token_path_of(number, sha256), ContentFile(token))
        default_storage.save(path_of(number, sha256), File(file))
    return _register(number, first, last, sha256, root, token)


def _register(number: int, first: int, last: int, sha256: str, root: str, token: bytes) -> EvidenceStamp:
    stamp = read_stamp(token)
    made = EvidenceStamp.objects.create(
        number=number,
        first_list=first,
        last_list=last,
        stamped_at=stamp.at,
        root=root,
        sha256=sha256,
        token_sha256=hashlib.sha256(token).hexdigest(),
        ends_at=stamp.ends_at,
        renew_at=renewal_time(stamp.at, stamp.ends_at),
    )
    log.info("stamp %d covers the daily lists %d to %d", number, first, last)
    return made


def renewal_time(at: datetime, ends_at: datetime) -> datetime:
    """Return when a stamp is due for renewal: RENEWAL_LEAD before its end, or halfway if that has passed at once."""
    return max(ends_at - RENEWAL_LEAD, at + (ends_at - at) / 2)


def _register_interrupted(number: int) -> EvidenceStamp | None:
    """Register a stamp that an interrupted run stored, if it covers the lists as they are now."""
    for sha256 in (sha256 for other, sha256 in names_of_stamps(default_storage) if other == number):
        try:
            with TemporaryFile() as file, default_storage.open(token_path_of(number, sha256)) as stored:
                fetch(path_of(number, sha256), sha256, file)
                first, last = range_of(file)
                root, token = root_of(file), stored.read()
                validate_stamp(token, root, at=None)
        except (FileNotFoundError, WrongChecksum, ValueError, Refused) as error:
            log.warning("the file of stamp %d in the storage is not a valid stamp: %s", number, error)
            continue
        with TemporaryFile() as file:
            if write(file, number, first, last, tokens_before(number)) == sha256:
                return _register(number, first, last, sha256, root, token)
    return None
