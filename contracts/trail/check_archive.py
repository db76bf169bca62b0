"""Check every contract of the archive (check_contract.py), and the database's triggers."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import django
from django.apps import apps
from django.db import connections
from django.utils.translation import gettext as _

from common.chunks import in_chunks
from contracts.models import Contract
from contracts.seal_keys import our_trust
from contracts.trail.check_contract import check_contract, checked_rows
from contracts.trail.defects import Defect
from contracts.trail.guards import guard_defects

CONTRACTS_PER_BATCH = 50
"""Contracts that a process loads at once."""


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
    batches = in_chunks(ids, CONTRACTS_PER_BATCH)
    if processes == 1:
        yield from map(check_batch, batches)
        return
    connections.close_all()  # forked processes must not share a connection
    with ProcessPoolExecutor(processes, initializer=_initialise_process) as pool:
        yield from pool.map(check_batch, batches)


def check_batch(ids: Sequence[int]) -> BatchResult:
    """Check these contracts with eight statements, and read all their files."""
    contracts = list(Contract.objects.filter(pk__in=ids).order_by("pk").prefetch_related(*checked_rows()))
    ours = our_trust()
    defects = [
        Defect(contract.number, result.what, result.detail)
        for contract in contracts
        for result in check_contract(contract, ours=ours)
        if not result.sound
    ]
    return BatchResult(
        contracts=len(contracts),
        files=sum(len(contract.documents.all()) for contract in contracts),
        events=sum(len(contract.events.all()) for contract in contracts),
        defects=tuple(defects),
    )


def check_guards() -> Iterator[Defect]:
    """Yield each trigger that does not refuse what it should: changes to permanent rows."""
    for sentence in guard_defects():
        yield Defect(_("Database"), _("The database refuses changes to permanent rows"), sentence)


def _initialise_process() -> None:
    """Set up Django in a new process and drop connections inherited from the parent."""
    if not apps.ready:
        django.setup()
    connections.close_all()
