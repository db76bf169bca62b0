"""Check the whole archive: every contract (check_contract.py) and the sealed lists of heads."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

import django
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connections
from django.utils.translation import gettext as _

from common.batches import in_batches
from common.errors import Refused
from contracts.models import AuditEvent, Contract, ContractDocument, TrailSeal
from contracts.sealing.detached import validate_detached
from contracts.trail.check_contract import check_contract
from contracts.trail.daily_seals import FORMAT, path_of
from contracts.trail.guards import missing_guards

CONTRACTS_PER_BATCH = 50
"""Contracts that a process loads at once."""
HEADS_PER_QUERY = 500
HEADER_LINES = 3


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect: the contract, file or seal it concerns, the check that failed, and details."""

    where: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Result of checking one batch of contracts."""

    contracts: int
    files: int
    events: int
    defects: tuple[Defect, ...]


def check_contracts(ids: Iterable[int], *, processes: int) -> Iterator[BatchResult]:
    """Check these contracts and yield the result of each batch as it is done. Memory grows only with the ids.

    With more than one process, each has its own database connection: call it outside transactions. Raises
    BrokenProcessPool if a process is killed.
    """
    batches = in_batches(ids, CONTRACTS_PER_BATCH)
    if processes == 1:
        yield from map(check_batch, batches)
        return
    connections.close_all()  # forked processes must not share a connection
    with ProcessPoolExecutor(processes, initializer=_initialise_process) as pool:
        yield from pool.map(check_batch, batches)


def check_batch(ids: Sequence[int]) -> BatchResult:
    """Check these contracts with four statements, and read all their files."""
    contracts = list(
        Contract.objects.filter(pk__in=ids).order_by("pk").prefetch_related("documents", "lines", "events")
    )
    defects = [
        Defect(contract.number, result.what, result.detail)
        for contract in contracts
        for result in check_contract(contract)
        if not result.sound
    ]
    return BatchResult(
        contracts=len(contracts),
        files=sum(len(contract.documents.all()) for contract in contracts),
        events=sum(len(contract.events.all()) for contract in contracts),
        defects=tuple(defects),
    )


def check_guards() -> Iterator[Defect]:
    """Yield the database triggers that are missing. They refuse changes to permanent rows."""
    for name in missing_guards():
        what = _("The database refuses changes to permanent rows")
        yield Defect(_("Database"), what, _("The trigger %(name)s is missing: run manage.py migrate.") % {"name": name})


def check_trail_seals(only: str = "") -> Iterator[Defect]:
    """Check every sealed list of heads: complete, signed by our seal, chained to the previous one, matching the trails.

    `only`: check only the heads of the contract with this number.
    """
    previous = "-"
    for seal in TrailSeal.objects.order_by("day"):
        where = _("Seal of the trail, %(day)s") % {"day": seal.day}
        with TemporaryFile() as file:
            try:
                _fetch(seal.sha256, file)
                with TemporaryFile() as signature:
                    _fetch(seal.signature_sha256, signature)
                    signature.seek(0)
                    validate_detached(file, signature.read(), at=seal.sealed_at)
            except (OSError, Refused) as error:
                yield Defect(where, _("The list of heads is stored and signed"), str(error))
            else:
                file.seek(0)
                yield from (
                    Defect(where, _("The list of heads matches the trails"), text)
                    for text in _mismatches(file, seal, previous, only)
                )
        previous = seal.sha256


def files_without_a_row() -> Iterator[str]:
    """Yield stored documents without a row. Rolled-back transactions leave them behind; they are harmless."""
    try:
        folders, _files = default_storage.listdir("documents")
    except FileNotFoundError:  # the storage of a new system
        return
    for folder in folders:
        for names in in_batches(default_storage.listdir(f"documents/{folder}")[1], 500):
            hashes = {name.removesuffix(".pdf"): name for name in names}
            known = set(ContractDocument.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
            yield from (f"documents/{folder}/{name}" for sha256, name in hashes.items() if sha256 not in known)


def _mismatches(file: IO[bytes], seal: TrailSeal, previous: str, only: str) -> Iterator[str]:
    """Yield each mismatch between the list and the trails."""
    lines = (line.decode().rstrip("\n") for line in file)
    head = list(islice(lines, HEADER_LINES))
    if head != [FORMAT, f"day {seal.day}", f"previous {previous}"]:
        yield _("It does not follow the previous list: a seal of the trail is missing or was replaced.")
    count = 0
    for batch in in_batches(lines, HEADS_PER_QUERY):
        count += len(batch)
        heads = [line.split(" ") for line in batch if line.startswith(f"{only} " if only else "")]
        events = AuditEvent.objects.filter(contract__number__in=[number for number, _position, _hash in heads])
        hashes = {
            (number, position): hash_
            for number, position, hash_ in events.order_by().values_list("contract__number", "position", "hash")
        }
        for number, position, hash_ in heads:
            found = hashes.get((number, int(position)))
            if found is None:
                yield _("The trail of contract %(number)s had %(count)s events and has fewer now.") % {
                    "number": number,
                    "count": position,
                }
            elif found != hash_:
                yield _("Event %(position)s of contract %(number)s was changed after it was sealed.") % {
                    "number": number,
                    "position": position,
                }
    if count != seal.contracts:
        yield _("It has %(count)d heads, but %(registered)d are registered.") % {
            "count": count,
            "registered": seal.contracts,
        }


def _fetch(sha256: str, into: IO[bytes]) -> None:
    """Copy a stored file into `into` and rewind it. Raises OSError if it is missing or its checksum is wrong."""
    digest = hashlib.sha256()
    with default_storage.open(path_of(sha256)) as file:
        for chunk in file.chunks():
            digest.update(chunk)
            into.write(chunk)
    if digest.hexdigest() != sha256:
        raise OSError(_("The stored file %(path)s does not match its registered checksum.") % {"path": path_of(sha256)})
    into.seek(0)


def _initialise_process() -> None:
    """Set up Django in a new process and drop connections inherited from the parent."""
    if not apps.ready:
        django.setup()
    connections.close_all()
