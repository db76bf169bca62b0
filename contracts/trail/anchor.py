"""Copy daily lists and stamps to the anchor, an outside place that keeps them if database and storage are lost (R38).

The anchor is a second storage, an auditor's email address, or both (TRAIL_ANCHOR_URL). A storage gets every list with
its signature, and every stamp. An address gets the number, day and hashes of each list from the newest one on: each
list names its predecessor. A failing anchor never delays sealing; the clock retries until the anchor has everything.
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages

from common.anonymous_errors import describe_error_anonymously
from contracts.models import EvidenceStamp, TrailAnchor, TrailSeal
from contracts.notifications.emails import DAILY_LIST
from contracts.trail import list_files
from contracts.trail.renewal import stamp_files
from emails.direct import send_now
from jobs.holding import is_sending_held
from jobs.turns import exclusive_turn

log = logging.getLogger(__name__)


def anchor_storage() -> Storage | None:
    """Return the storage of TRAIL_ANCHOR_URL, or None."""
    return storages["anchor"] if "anchor" in settings.STORAGES else None


def feed_anchors(*, now: datetime) -> int:
    """Bring every anchor up to date and return the number of lists that were delivered.

    Safe to run twice or concurrently, and after any outage. A restored copy of the system delivers nothing
    (jobs/holding.py). Failures are logged and recorded in the anchor's row, which the seal's daily check reports.
    """
    if not settings.TRAIL_ANCHOR_URL or is_sending_held():
        return 0
    with exclusive_turn("anchor") as acquired:
        if not acquired:
            return 0
        return sum(_feed(place, deliver, now) for place, deliver in _places())


def find_failures() -> list[str]:
    """Return why the anchors of TRAIL_ANCHOR_URL did not receive what they lack; empty if all did."""
    places = [_place(kind) for kind in ("storage", "email")]
    return list(
        TrailAnchor.objects.filter(place__in=places, failing_since__isnull=False).values_list("error", flat=True)
    )


def _places() -> list[tuple[TrailAnchor, Callable[[TrailAnchor], int]]]:
    places: list[tuple[TrailAnchor, Callable[[TrailAnchor], int]]] = []
    if storage := anchor_storage():
        places.append((_row("storage", 0), lambda place: _copy_all(place, storage)))
    if settings.TRAIL_ANCHOR_EMAIL:
        newest = TrailSeal.objects.last()
        places.append((_row("email", newest.number - 1 if newest else 0), _write_all))
    return places


def _row(kind: str, lists: int) -> TrailAnchor:
    """Return the place's row; `lists` is where a new one starts."""
    return TrailAnchor.objects.get_or_create(place=_place(kind), defaults={"lists": lists})[0]


def _place(kind: str) -> str:
    return hashlib.sha256(f"{kind} {settings.TRAIL_ANCHOR_URL}".encode()).hexdigest()


def _feed(place: TrailAnchor, deliver: Callable[[TrailAnchor], int], now: datetime) -> int:
    try:
        delivered = deliver(place)
    except Exception as error:  # the backends (file system, S3, mail) share no base class for their failures
        place.failing_since = place.failing_since or now
        place.error = describe_error_anonymously(error)
        log.error("the anchor of the daily lists failed: %s", place.error)
        place.save(update_fields=["failing_since", "error"])
        return 0
    if place.failing_since:
        place.failing_since, place.error = None, ""
        place.save(update_fields=["failing_since", "error"])
    return delivered


def _copy_all(place: TrailAnchor, storage: Storage) -> int:
    delivered = 0
    for seal in TrailSeal.objects.filter(number__gt=place.lists).order_by("number"):
        _copy(list_files.files_of(seal), storage)
        place.lists, delivered = seal.number, delivered + 1
        place.save(update_fields=["lists"])
    for stamp in EvidenceStamp.objects.filter(number__gt=place.stamps).order_by("number"):
        _copy(stamp_files.files_of(stamp), storage)
        place.stamps = stamp.number
        place.save(update_fields=["stamps"])
    return delivered


def _copy(files: dict[str, str], storage: Storage) -> None:
    """Copy files, given as path → SHA-256. Skip those missing from our storage, which verify_archive reports."""
    for path, sha256 in files.items():
        with TemporaryFile() as file:
            try:
                list_files.fetch(path, sha256, file)
            except (FileNotFoundError, list_files.WrongChecksum) as error:
                log.error("the anchor does not get a file that the storage lost: %s", error)
            else:
                storage.save(path, File(file))


def _write_all(place: TrailAnchor) -> int:
    delivered = 0
    for seal in TrailSeal.objects.filter(number__gt=place.lists).order_by("number"):
        send_now(
            DAILY_LIST,
            address=settings.TRAIL_ANCHOR_EMAIL,
            facts={"number": str(seal.number), "day": str(seal.day), "sha256": seal.sha256, "root": seal.root},
            reference=f"daily-list-{seal.number}-{seal.sha256[:16]}",
        )
        place.lists, delivered = seal.number, delivered + 1
        place.save(update_fields=["lists"])
    return delivered
