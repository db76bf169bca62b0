"""Seal the latest event of every trail once a day, so that later truncation or replacement is detected (R27).

Each list starts from a seal at least OVERLAP before the last one. An event whose transaction was still open when a list
was made, and whose id is below that list's highest, is therefore in the next list. The seal before the last would not
do, since two seals may be seconds apart around midnight.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Max

from common.batches import in_batches
from contracts.health.sealing_time import require_time_to_seal
from contracts.models import AuditEvent, Contract, TrailSeal
from contracts.sealing.detached import sign_detached
from contracts.trail.record import last_event

CONTRACTS_PER_BATCH = 1000
OVERLAP = timedelta(hours=12)
"""Longer than any transaction that writes an event."""
MAX_SEAL_AGE = timedelta(days=2)
"""Trails are sealed daily; an older last seal needs attention."""
FORMAT = "heads of audit trails, format 1"

log = logging.getLogger(__name__)


def path_of(sha256: str) -> str:
    """Return the storage path of a list or signature."""
    return f"trail/{sha256[:2]}/{sha256}"


def seal_trails(*, now: datetime) -> TrailSeal | None:
    """Seal the heads of the trails that grew, for the UTC date of `now` (aware). Return None if that day is sealed.

    Safe to run twice or concurrently: the day's row is unique. Memory use is constant. Raises SealUnavailable or a
    storage error; nothing is registered then, and the next run tries again.
    """
    require_time_to_seal()
    day = now.astimezone(UTC).date()
    if TrailSeal.objects.filter(day__gte=day).exists():
        return None
    last = TrailSeal.objects.last()
    since = _since(last) if last else 0
    until = AuditEvent.objects.aggregate(highest=Max("pk"))["highest"] or 0
    with TemporaryFile() as file:
        previous = last.sha256 if last else "-"
        count, sha256 = _write(
            file, [f"{FORMAT}\n", f"day {day}\n", f"previous {previous}\n"], _head_lines(since, until)
        )
        file.seek(0)
        signature = sign_detached(file)
        file.seek(0)
        default_storage.save(path_of(sha256), File(file))
    signature_sha256 = hashlib.sha256(signature).hexdigest()
    default_storage.save(path_of(signature_sha256), ContentFile(signature))
    seal = TrailSeal(
        day=day,
        sealed_at=now,
        sha256=sha256,
        signature_sha256=signature_sha256,
        contracts=count,
        last_event=until,
    )
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
    except IntegrityError:  # another worker was faster, and its list is as good
        return None
    log.info("the heads of %d audit trails are sealed; SHA-256 of the list: %s", count, sha256)
    return seal


def _since(last: TrailSeal) -> int:
    """Return the highest event id of the newest seal at least OVERLAP older than the last one."""
    long_before = TrailSeal.objects.filter(sealed_at__lte=last.sealed_at - OVERLAP)
    return long_before.values_list("last_event", flat=True).last() or 0


@dataclass(frozen=True, slots=True)
class LastSeal:
    """The newest seal, for the staff pages."""

    seal: TrailSeal
    late: bool
    """True if it is older than MAX_SEAL_AGE."""


def last_seal(*, now: datetime) -> LastSeal | None:
    """Return the newest seal, or None before the first. `now` is aware."""
    seal = TrailSeal.objects.last()
    return LastSeal(seal, now - seal.sealed_at > MAX_SEAL_AGE) if seal else None


def _write(file: IO[bytes], head: list[str], heads: Iterable[str]) -> tuple[int, str]:
    """Write the list. Return the number of heads and the list's SHA-256 in hex."""
    digest, count = hashlib.sha256(), 0
    for line in head:
        digest.update(line.encode())
        file.write(line.encode())
    for line in heads:
        digest.update(line.encode())
        file.write(line.encode())
        count += 1
    return count, digest.hexdigest()


def _head_lines(since: int, until: int) -> Iterator[str]:
    """Yield a line for each contract with events of these ids: number, position and hash of its current last event."""
    events = AuditEvent.objects.filter(pk__gt=since, pk__lte=until)
    grown = events.order_by("contract").values_list("contract", flat=True)
    for ids in in_batches(grown.distinct().iterator(chunk_size=CONTRACTS_PER_BATCH), CONTRACTS_PER_BATCH):
        contracts = Contract.objects.filter(pk__in=ids).order_by("pk")
        for number, position, hash_ in contracts.values_list("number", *last_event("position", "hash")):
            yield f"{number} {position} {hash_}\n"
