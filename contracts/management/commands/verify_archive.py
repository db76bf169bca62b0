"""manage.py verify_archive: check that the archive is unchanged and complete."""

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from typing import Any

from django.core.files.storage import Storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone
from tqdm import tqdm

from common.days import Interval
from common.errors import DATABASE_UNAVAILABLE_ERRORS
from contracts.models import Contract, EvidenceStamp, SealUse, TrailSeal
from contracts.sealing import SealUnavailable
from contracts.sealing.trust import trust
from contracts.trail.anchor import anchor_storage
from contracts.trail.check_anchor import check_anchor
from contracts.trail.check_archive import CONTRACTS_PER_BATCH, BatchResult, check_contracts, check_guards
from contracts.trail.check_keys import check_keys
from contracts.trail.check_lists import check_lists
from contracts.trail.check_storage import check_storage, files_without_a_row
from contracts.trail.check_uses import check_uses, find_spare_uses
from contracts.trail.defects import Defect
from contracts.trail.renewal.check_stamps import check_stamps


class Command(BaseCommand):
    help = (
        "Check every stored document against its checksum and seal, each official file against its draft, every audit "
        "trail against its own chain and the daily lists, and the storage for what the database does not know. Changes "
        "nothing. Exits 1 on defects."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--contract", metavar="NUMBER", help="check only this contract")
        parser.add_argument("--since", type=_day, metavar="DATE", help="check contracts drafted on this day or later")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="number; default: one per core")
        parser.add_argument(
            "--orphans",
            action="store_true",
            help="also list stored files without a row, and uses of the seal's key without a document",
        )
        parser.add_argument("--anchor", action="store_true", help="also compare with the storage of TRAIL_ANCHOR_URL")

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
        self,
        *,
        contract: str | None,
        since: date | None,
        processes: int,
        orphans: bool,
        anchor: bool,
        **_options: Any,
    ) -> int:
        """Print defects and totals. Return the number of defects."""
        try:
            trust()
        except SealUnavailable as unavailable:  # reported once, not for every document
            raise CommandError(unavailable.detail) from unavailable
        anchored = anchor_storage() if anchor else None
        if anchor and anchored is None:
            raise CommandError("TRAIL_ANCHOR_URL names no storage; see docs/audit-trail.md about emails.")
        contracts = files = events = wrong = 0
        for checked in self._progress(_chosen(contract, since), max(processes, 1)):
            contracts, files, events = (
                contracts + checked.contracts,
                files + checked.files,
                events + checked.events,
            )
            wrong += self._report(checked.defects)
        for defects in _other_checks(contract, since, anchored):
            wrong += self._report(defects)
        if not contract and (last := TrailSeal.objects.last()):
            self.stdout.write(
                f"Last daily list: {last.number} of {last.day}, SHA-256 {last.sha256}. Keep it elsewhere."
            )
        if orphans:
            for path in files_without_a_row():
                self.stdout.write(f"No row names {path}.")
        if not contract:
            self._report_spare_uses(each=orphans)
        lists, stamps = TrailSeal.objects.count(), EvidenceStamp.objects.count()
        counts = f"{contracts} contracts, {files} files, {events} events, {lists} daily lists, {stamps} stamps"
        self.stdout.write(f"{counts}: {f'{wrong} things are wrong' if wrong else 'all sound'}.")
        return wrong

    def _report_spare_uses(self, *, each: bool) -> None:
        """Print how often the key sealed a document that was not stored, which is no defect."""
        spare = find_spare_uses().select_related("contract").order_by("pk")
        if each:
            for use in spare.iterator():
                what = f"{use.purpose} of {use.contract or 'no contract'}"
                self.stdout.write(f"Use {use.pk} at {use.at.isoformat()} for {what}: no document has it.")
        uses = SealUse.objects.count()
        self.stdout.write(f"{uses} uses of the seal's key, of which {spare.count()} without a document.")

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


def _other_checks(contract: str | None, since: date | None, anchor: Storage | None) -> Iterator[Iterator[Defect]]:
    """Yield the checks of everything but contracts. What the storage has is compared with the whole database only."""
    yield check_guards()
    yield check_lists(contract or "")
    yield check_keys()
    yield check_stamps()
    yield check_uses(contract or "")
    if not contract and not since:
        yield check_storage()
    if anchor:
        yield check_anchor(anchor)


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
