"""Check the whole archive: every contract as contracts/trail/check_contract.py does, and the sealed heads."""

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

BATCH = 50
"""Contracts that a process reads at once."""
HEADS = 500
HEAD_LINES = 3


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: with which contract, file or seal, and what."""

    where: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What one batch came to."""

    contracts: int
    files: int
    events: int
    wrong: tuple[Wrong, ...]


def check_contracts(ids: Iterable[int], *, processes: int) -> Iterator[Checked]:
    """Check the contracts of these ids, a batch after the other as they are done; memory holds no more than all ids.

    With more than one process each has its own connection to the database: call it outside transactions. Raises
    BrokenProcessPool where one of them was killed.
    """
    batches = in_batches(ids, BATCH)
    if processes == 1:
        yield from map(check_batch, batches)
        return
    connections.close_all()  # a connection must not be shared with the processes that are made of this one
    with ProcessPoolExecutor(processes, initializer=_begin) as pool:
        yield from pool.map(check_batch, batches)


def check_batch(ids: Sequence[int]) -> Checked:
    """Check these contracts: four statements, and all their files."""
    contracts = list(
        Contract.objects.filter(pk__in=ids).order_by("pk").prefetch_related("documents", "lines", "events")
    )
    wrong = [
        Wrong(contract.number, finding.what, finding.detail)
        for contract in contracts
        for finding in check_contract(contract)
        if not finding.sound
    ]
    return Checked(
        contracts=len(contracts),
        files=sum(len(contract.documents.all()) for contract in contracts),
        events=sum(len(contract.events.all()) for contract in contracts),
        wrong=tuple(wrong),
    )


def check_guards() -> Iterator[Wrong]:
    """The triggers by which the database refuses to change what is kept."""
    for name in missing_guards():
        what = _("The database refuses to change what is kept")
        yield Wrong(_("Database"), what, _("The trigger %(name)s is missing: run manage.py migrate.") % {"name": name})


def check_trail_seals(only: str = "") -> Iterator[Wrong]:
    """Every list of heads: whole, signed by our seal, chained to the one before, and true of the trails as they are.

    Of the heads, those of the contract of this number alone, where one is given.
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
                yield Wrong(where, _("The list of heads is there and signed"), str(error))
            else:
                file.seek(0)
                yield from (
                    Wrong(where, _("The list of heads is true"), text) for text in _untrue(file, seal, previous, only)
                )
        previous = seal.sha256


def files_without_a_row() -> Iterator[str]:
    """Stored documents that no row names: left by a transaction that was broken off; harmless."""
    try:
        folders, _files = default_storage.listdir("documents")
    except FileNotFoundError:  # the storage of a new system
        return
    for folder in folders:
        for names in in_batches(default_storage.listdir(f"documents/{folder}")[1], 500):
            hashes = {name.removesuffix(".pdf"): name for name in names}
            known = set(ContractDocument.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
            yield from (f"documents/{folder}/{name}" for sha256, name in hashes.items() if sha256 not in known)


def _untrue(file: IO[bytes], seal: TrailSeal, previous: str, only: str) -> Iterator[str]:
    """What the list says and the trails do not."""
    lines = (line.decode().rstrip("\n") for line in file)
    head = list(islice(lines, HEAD_LINES))
    if head != [FORMAT, f"day {seal.day}", f"previous {previous}"]:
        yield _("It does not follow on from the list before it: a seal of the trail is missing or was made anew.")
    count = 0
    for batch in in_batches(lines, HEADS):
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
                yield _("The trail of contract %(number)s had %(count)s events, and has fewer now.") % {
                    "number": number,
                    "count": position,
                }
            elif found != hash_:
                yield _("Event %(position)s of contract %(number)s was another one when it was sealed.") % {
                    "number": number,
                    "position": position,
                }
    if count != seal.contracts:
        yield _("It has %(count)d heads, and %(registered)d are registered.") % {
            "count": count,
            "registered": seal.contracts,
        }


def _fetch(sha256: str, into: IO[bytes]) -> None:
    """Copy a stored file, from its start. Raises OSError where it is missing or not what its name says."""
    digest = hashlib.sha256()
    with default_storage.open(path_of(sha256)) as file:
        for chunk in file.chunks():
            digest.update(chunk)
            into.write(chunk)
    if digest.hexdigest() != sha256:
        raise OSError(_("The stored file %(path)s is not what was registered.") % {"path": path_of(sha256)})
    into.seek(0)


def _begin() -> None:
    """In a new process: what it has of its parent's database is not its own."""
    if not apps.ready:
        django.setup()
    connections.close_all()
