"""The ends of the trails, sealed once a day: whoever cuts one off afterwards, or makes it anew, is found out (R27).

Each list covers what came since a seal at least OVERLAP before the last: an event whose transaction was still open when
lists were made, with an id below the highest by then, is in the first one after it. Two seals may be seconds apart, on
either side of midnight, so the seal before the last would not do.
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

BATCH = 1000
OVERLAP = timedelta(hours=12)
"""No transaction that writes an event takes as long."""
PATIENCE = timedelta(days=2)
"""A seal comes every day."""
FORMAT = "heads of audit trails, format 1"

log = logging.getLogger(__name__)


def path_of(sha256: str) -> str:
    """The name of a list or signature in the storage."""
    return f"trail/{sha256[:2]}/{sha256}"


def seal_trails(*, now: datetime) -> TrailSeal | None:
    """Seal the heads of the trails that grew, for the day of `now` (aware) in UTC; None where the day has its seal.

    Safe to run twice and at once: the day's row is one. Memory is flat. Raises SealUnavailable, or what the storage
    raises, and nothing is registered then: the next run does it.
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
        count, sha256 = _write(file, [f"{FORMAT}\n", f"day {day}\n", f"previous {previous}\n"], _grown(since, until))
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
    except IntegrityError:  # another worker was faster; its list is as good
        return None
    log.info("the heads of %d audit trails are sealed; SHA-256 of the list: %s", count, sha256)
    return seal


def _since(last: TrailSeal) -> int:
    """The highest event by the newest seal that came OVERLAP before the last one."""
    long_before = TrailSeal.objects.filter(sealed_at__lte=last.sealed_at - OVERLAP)
    return long_before.values_list("last_event", flat=True).last() or 0


@dataclass(frozen=True, slots=True)
class LastSeal:
    """The newest seal, as staff are told of it."""

    seal: TrailSeal
    late: bool
    """More than PATIENCE ago: somebody has to look."""


def last_seal(*, now: datetime) -> LastSeal | None:
    """None before the first; `now` is aware."""
    seal = TrailSeal.objects.last()
    return LastSeal(seal, now - seal.sealed_at > PATIENCE) if seal else None


def _write(file: IO[bytes], head: list[str], heads: Iterable[str]) -> tuple[int, str]:
    """Write the list; how many heads it has, and its SHA-256 in hex."""
    digest, count = hashlib.sha256(), 0
    for line in head:
        digest.update(line.encode())
        file.write(line.encode())
    for line in heads:
        digest.update(line.encode())
        file.write(line.encode())
        count += 1
    return count, digest.hexdigest()


def _grown(since: int, until: int) -> Iterator[str]:
    """A line for each contract with events of these ids: its number, and position and hash of its last event now."""
    events = AuditEvent.objects.filter(pk__gt=since, pk__lte=until)
    grown = events.order_by("contract").values_list("contract", flat=True)
    for ids in in_batches(grown.distinct().iterator(chunk_size=BATCH), BATCH):
        contracts = Contract.objects.filter(pk__in=ids).order_by("pk")
        for number, position, hash_ in contracts.values_list("number", *last_event("position", "hash")):
            yield f"{number} {position} {hash_}\n"
