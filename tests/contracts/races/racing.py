"""Threads that start together round after round, and what must hold after each of them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import default_storage
from django.db import connections
from django.db.models import Count, Q

from common.errors import Refused
from contracts.documents.files import path_of
from contracts.models import Contract, ContractOrder, VoidTicket

THREADS = 24
ROUNDS = 25
ENDED_BY = {"voided": "voided", "invalid": "invalidated"}
"""Status → the event that tells of it."""

Call = Callable[[], object]


@contextmanager
def racers() -> Iterator[Callable[[Sequence[Call]], list[Any]]]:
    """THREADS threads, each with a connection of its own that lives as long as they do.

    Yields a function that runs as many calls, started together, and returns their outcomes: a result or the exception.
    """
    start = threading.Barrier(THREADS)

    def run(call: Call) -> object:
        start.wait(timeout=60)
        try:
            return call()
        except Exception as error:  # every outcome is looked at by the test
            return error

    def race(calls: Sequence[Call]) -> list[Any]:
        assert len(calls) == THREADS
        return list(pool.map(run, calls))

    with ThreadPoolExecutor(THREADS) as pool:
        try:
            yield race
        finally:
            race([connections.close_all] * THREADS)


def refused(outcomes: Sequence[Any]) -> set[str]:
    """The codes of those that were refused. Fails for what went wrong in any other way."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(error, Refused) for error in errors), errors
    return {error.code for error in errors}


def everything_holds() -> None:
    """The invariants of the whole database: holds, releases, files, events and tickets tell the same story."""
    twice = ContractOrder.objects.filter(released_at=None).values("order").annotate(n=Count("pk")).filter(n__gt=1)
    assert not twice.exists()
    for contract in Contract.objects.prefetch_related("lines", "documents", "events", "void_tickets"):
        kinds = [event.kind for event in contract.events.all()]
        released = {line.released_at is not None for line in contract.lines.all()}
        assert released == {contract.status in ENDED_BY}, contract.number
        files = {document.kind: document for document in contract.documents.all()}
        tickets = [ticket.status for ticket in contract.void_tickets.all()]
        by_ticket = "approved" in tickets
        wanted = {"draft"} | ({"official"} if contract.official_at else set())
        assert set(files) == wanted | ({"void_certificate"} if by_ticket else set()), contract.number
        assert all(default_storage.exists(path_of(document.sha256)) for document in files.values())
        assert kinds.count("drafted") == 1
        assert kinds.count("converted") == (contract.official_at is not None)
        ending = {status: kinds.count(kind) for status, kind in ENDED_BY.items()}
        assert ending == {status: int(contract.status == status) for status in ENDED_BY}, (contract.number, kinds)
        assert tickets.count("open") + tickets.count("approved") <= 1
        assert not ("open" in tickets and contract.status != "official")
        if contract.official_at and contract.expires_at:
            assert contract.official_at < contract.expires_at
    assert not VoidTicket.objects.filter(~Q(status="open"), decided_at=None).exists()
