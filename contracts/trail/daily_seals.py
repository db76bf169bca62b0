"""Seal a list of the day's documents and of the latest event of every trail that grew, once a day (R27, R38).

Each list starts from one at least OVERLAP before the last one (list_files.py). A row whose transaction was still open
when a list was made, and whose id is below that list's highest, is therefore in the next list. The list before the last
would not do, since two lists may be seconds apart around midnight.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from tempfile import TemporaryFile
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, Model

from accounts.access.actors import CLOCK
from common.chunks import in_chunks
from contracts.health.sealing_time import require_time_to_seal
from contracts.models import AuditEvent, Contract, ContractDocument, EvidenceStamp, SealKey, SealUse, TrailSeal
from contracts.seal_keys import pin_seal_key
from contracts.seal_uses import Purpose, save_seal_uses
from contracts.sealing.detached import key_use_of, sign_detached
from contracts.sealing.uses import KeyUse, note_uses
from contracts.trail.check_lists import mismatches
from contracts.trail.list_files import (
    Head,
    SignedList,
    fetch,
    overlapping,
    path_of,
    require_signed,
    signature_path_of,
    summarise,
    unregistered_lists,
    write,
)
from contracts.trail.record import last_event
from jobs.turns import exclusive_on_all_hosts

ROWS_PER_BATCH = 1000
MAX_SEAL_AGE = timedelta(days=2)
"""Trails are sealed daily; an older last list needs attention."""
LOCK_KEY = 0x0DA17
"""Key of the PostgreSQL advisory lock: of all workers, one makes a list or a stamp at a time."""

log = logging.getLogger(__name__)


def seal_trails(*, now: datetime) -> TrailSeal | None:
    """Seal the list of the UTC date of `now` (aware). Return None if it is sealed, or another worker seals it.

    Safe to run twice or concurrently. Memory use is constant. Raises SealUnavailable or a storage error; nothing is
    registered then, and the next run tries again.
    """
    require_time_to_seal()
    with note_uses() as uses:
        try:
            return _seal_trails(uses, now=now)
        except BaseException:  # the transaction was rolled back, but the key may have signed
            save_seal_uses(uses, Purpose.DAILY_LIST, by=CLOCK)
            raise


def _seal_trails(uses: list[KeyUse], *, now: datetime) -> TrailSeal | None:
    with exclusive_on_all_hosts("daily-list", LOCK_KEY) as acquired:
        if not acquired:
            return None
        day = now.astimezone(UTC).date()
        if TrailSeal.objects.filter(day__gte=day).exists():
            return None
        found = list(unregistered_lists(default_storage))
        last = _register_interrupted(found)
        if last and last.day >= day:
            return last
        numbers = [last.number if last else 0, *(one.head.number for one in found)]
        return _make(last, max(numbers) + 1, now, uses)


def _register_interrupted(found: Iterable[SignedList]) -> TrailSeal | None:
    """Register lists that an interrupted run stored and signed, if they agree with the rows. Return the last list.

    If they do not, the database was restored from an older backup. Such a list gets no row, so that verify_archive
    reports it, and its number is not used again.
    """
    last = TrailSeal.objects.last()
    for one in found:
        if registered := _register_if_next(one, last):
            last = registered
        else:
            log.error(
                "daily list %d of %s is signed, but the database does not know it: run manage.py verify_archive",
                one.head.number,
                one.head.day,
            )
    return last


def _register_if_next(one: SignedList, last: TrailSeal | None) -> TrailSeal | None:
    after = (last.number + 1, last.sha256) if last else (1, "")
    if (one.head.number, one.head.previous) != after or one.head.last_event > _highest(AuditEvent):
        return None
    with TemporaryFile() as file:
        fetch(path_of(one.head.number, one.sha256), one.sha256, file)
        if any(mismatches(file)):
            return None
        with default_storage.open(signature_path_of(one.head.number, one.sha256)) as signature:
            return _register_stored(one.head, file, signature.read())


def _make(last: TrailSeal | None, number: int, now: datetime, uses: list[KeyUse]) -> TrailSeal:
    head = Head(
        number=number,
        day=now.astimezone(UTC).date(),
        sealed_at=now,
        previous=last.sha256 if last else "",
        last_event=_highest(AuditEvent),
        last_document=_highest(ContractDocument),
    )
    since = overlapping(last) if last else None
    with TemporaryFile() as file:
        trusted = pin_seal_key()
        sha256 = write(file, head, _lines(since, head)).sha256
        signature = sign_detached(file, timestamped=False)  # a stamp covers it
        file.seek(0)
        require_signed(file, signature, at=head.sealed_at, trusted=trusted)
        # The signature first: a signature without its list is ignored.
        default_storage.save(signature_path_of(number, sha256), ContentFile(signature))
        file.seek(0)
        default_storage.save(path_of(number, sha256), File(file))
        return _register(head, file, signature, uses)


def _register_stored(head: Head, file: IO[bytes], signature: bytes) -> TrailSeal:
    """Register a stored list, with the use of the key if the interrupted run could not record it."""
    use = key_use_of(signature, at=head.sealed_at)
    is_recorded = SealUse.objects.filter(output_sha256=use.output_sha256).exists()
    return _register(head, file, signature, [] if is_recorded else [use])


def _register(head: Head, file: IO[bytes], signature: bytes, uses: list[KeyUse]) -> TrailSeal:
    summary = summarise(file)
    with transaction.atomic(savepoint=False):  # the list with the uses of the key
        save_seal_uses(uses, Purpose.DAILY_LIST, by=CLOCK, content_sha256=summary.sha256)
        seal = TrailSeal.objects.create(
            number=head.number,
            day=head.day,
            sealed_at=head.sealed_at,
            previous=head.previous,
            sha256=summary.sha256,
            root=summary.root,
            signature_sha256=hashlib.sha256(signature).hexdigest(),
            documents=summary.kinds["document"],
            contracts=summary.kinds["head"],
            last_event=head.last_event,
            last_document=head.last_document,
        )
    uses.clear()
    log.info("daily list %d is sealed; SHA-256: %s", seal.number, seal.sha256)
    return seal


def _highest(model: type[Model]) -> int:
    return model._default_manager.aggregate(highest=Max("pk"))["highest"] or 0


def _lines(since: TrailSeal | None, head: Head) -> Iterator[str]:
    """Yield the lines of a list. The first word of each says what it is about."""
    return chain(
        _key_lines(),
        _document_lines(since.last_document if since else 0, head.last_document),
        _head_lines(since.last_event if since else 0, head.last_event),
    )


def _key_lines() -> Iterator[str]:
    """Yield a line for each key that is or was our seal's (R37)."""
    for fingerprint in SealKey.objects.values_list("fingerprint", flat=True):
        yield f"key {fingerprint}"


def _document_lines(since: int, until: int) -> Iterator[str]:
    """Yield a line for each document with one of these ids: contract, kind and SHA-256."""
    documents = ContractDocument.objects.filter(pk__gt=since, pk__lte=until).order_by("pk")
    rows = documents.values_list("contract__number", "kind", "sha256")
    for number, kind, sha256 in rows.iterator(chunk_size=ROWS_PER_BATCH):
        yield f"document {number} {kind} {sha256}"


def _head_lines(since: int, until: int) -> Iterator[str]:
    """Yield a line for each contract with events of these ids: number, position and hash of its current last event."""
    events = AuditEvent.objects.filter(pk__gt=since, pk__lte=until)
    grown = events.order_by("contract").values_list("contract", flat=True)
    for ids in in_chunks(grown.distinct().iterator(chunk_size=ROWS_PER_BATCH), ROWS_PER_BATCH):
        contracts = Contract.objects.filter(pk__in=ids).order_by("pk")
        for number, position, hash_ in contracts.values_list("number", *last_event("position", "hash")):
            yield f"head {number} {position} {hash_}"


@dataclass(frozen=True, slots=True)
class LastSeal:
    """The newest list, for the staff pages."""

    seal: TrailSeal
    late: bool
    """True if it is older than MAX_SEAL_AGE."""
    is_stamped: bool


def last_seal(*, now: datetime) -> LastSeal | None:
    """Return the newest list, or None before the first. `now` is aware."""
    seal = TrailSeal.objects.last()
    if seal is None:
        return None
    is_stamped = EvidenceStamp.objects.filter(last_list__gte=seal.number).exists()
    return LastSeal(seal, now - seal.sealed_at > MAX_SEAL_AGE, is_stamped)
