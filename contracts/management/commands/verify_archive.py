"""manage.py verify_archive: check that the archive is unchanged."""

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone
from tqdm import tqdm

from common.days import Interval
from common.errors import DATABASE_UNAVAILABLE_ERRORS
from contracts.models import Contract, TrailSeal
from contracts.sealing import SealUnavailable
from contracts.sealing.trust import trust
from contracts.trail.check_archive import (
    CONTRACTS_PER_BATCH,
    BatchResult,
    Defect,
    check_contracts,
    check_guards,
    check_trail_seals,
    files_without_a_row,
)


class Command(BaseCommand):
    help = (
        "Check every stored document against its checksum and seal, each official file against its draft, and every "
        "audit trail against its own chain and the heads sealed each day. Changes nothing. Exits 1 on defects."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--contract", metavar="NUMBER", help="check only this contract")
        parser.add_argument("--since", type=_day, metavar="DATE", help="check contracts drafted on this day or later")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="number; default: one per core")
        parser.add_argument("--orphans", action="store_true", help="also list stored files without a row")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wrong = self._check(**options)
        except DATABASE_UNAVAILABLE_ERRORS as error:
            raise CommandError(f"The database is not available: {error}") from error
        except BrokenProcessPool as error:
            raise CommandError("A process was killed, by lack of memory perhaps: try fewer --processes.") from error
        if wrong:
            sys.exit(1)

    def _check(
        self, *, contract: str | None, since: date | None, processes: int, orphans: bool, **_options: Any
    ) -> int:
        """Print defects and totals. Return the number of defects."""
        try:
            trust()
        except SealUnavailable as unavailable:  # reported once, not for every document
            raise CommandError(unavailable.detail) from unavailable
        chosen = _chosen(contract, since)
        contracts = files = events = wrong = 0
        for checked in self._progress(chosen, max(processes, 1)):
            contracts, files, events = (
                contracts + checked.contracts,
                files + checked.files,
                events + checked.events,
            )
            wrong += self._report(checked.defects)
        sealed = TrailSeal.objects.count()
        wrong += self._report(check_guards())
        wrong += self._report(check_trail_seals(contract or ""))
        if not contract:
            last = TrailSeal.objects.last()
            if last:
                self.stdout.write(f"Last seal of the trail: {last.day}, list {last.sha256}. Keep it elsewhere, too.")
        if orphans:
            for path in files_without_a_row():
                self.stdout.write(f"No row names {path}: left by a transaction that was broken off; harmless.")
        counts = f"{contracts} contracts, {files} files, {events} events, {sealed} seals of the trail"
        self.stdout.write(f"{counts}: {f'{wrong} things are wrong' if wrong else 'all sound'}.")
        return wrong

    def _progress(self, chosen: "QuerySet[Contract]", processes: int) -> Iterator[BatchResult]:
        total = chosen.count()
        ids = chosen.order_by("pk").values_list("pk", flat=True)
        processes = min(processes, -(-total // CONTRACTS_PER_BATCH)) or 1
        every = list(ids) if processes > 1 else ids.iterator(chunk_size=CONTRACTS_PER_BATCH)
        with tqdm(total=total, unit=" contracts", disable=not sys.stderr.isatty()) as bar:
            for checked in check_contracts(every, processes=processes):
                bar.update(checked.contracts)
                yield checked

    def _report(self, defects: Iterable[Defect]) -> int:
        count = 0
        for one in defects:
            count += 1
            self.stdout.write(f"WRONG  {one.where}  {one.what}: {one.detail}")
        return count


def _chosen(number: str | None, since: date | None) -> "QuerySet[Contract]":
    contracts = Contract.objects.order_by("pk")
    if number is not None:
        contracts = contracts.filter(number=number)
        if not contracts:
            raise CommandError(f"There is no contract {number}.")
    if since is not None:
        contracts = contracts.filter(Interval(since, None).on("applied_at", timezone.get_default_timezone()))
    return contracts


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date such as 2026-11-22") from None
