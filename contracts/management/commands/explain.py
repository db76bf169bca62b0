"""manage.py explain NUMBER: why a contract is as it is."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from contracts.models import Contract
from contracts.operations.explain.entries import Entry, find_request_ids, gather_entries
from contracts.operations.explain.log_file import read_log
from contracts.operations.explain.outlook import describe_outlook, get_status_at

AROUND = timedelta(minutes=15)
"""Entries within this time of --at are marked."""


class Command(BaseCommand):
    help = (
        "Print the time line of a contract from the audit trail, its orders, batches, uses of the seal, emails and "
        "webhooks, and what would be needed to convert it now. Refused requests leave no row: --log adds them from a "
        "log file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="NUMBER")
        parser.add_argument(
            "--at",
            metavar="TIME",
            help="mark what happened within 15 minutes of it, such as 2026-11-22T14:03; in the account's time zone "
            "unless it has an offset",
        )
        parser.add_argument("--log", metavar="FILE", type=Path, help="log of web and workers: a JSON object a line")

    def handle(self, *args: Any, number: str, at: str | None, log: Path | None, **options: Any) -> None:
        now = timezone.now()
        contract = Contract.objects.with_status_at(now).select_related("account").filter(number=number).first()
        if contract is None:
            raise CommandError(f"There is no contract {number}.")
        zone = contract.account.tzinfo
        moment = _parse_time(at, zone) if at else None
        with translation.override("en"):
            entries = sorted([*gather_entries(contract), *_read(log, contract)], key=lambda entry: entry.at)
            self._print(contract, entries, moment, zone)
            self.stdout.write(f"\nNow, {_show(now, zone)}:")
            for sentence in describe_outlook(contract, now=now):
                self.stdout.write(sentence)

    def _print(self, contract: Contract, entries: list[Entry], moment: datetime | None, zone: ZoneInfo) -> None:
        kind = contract.contract_type.label
        self.stdout.write(
            f"{kind} {contract.number} of account {contract.account.number}, {contract.order_count} orders,"
            f" {contract.currency} {contract.total_amount}. Times: {zone.key}.\n\n"
        )
        for entry in entries:
            mark = ">" if moment and abs(entry.at - moment) <= AROUND else " "
            self.stdout.write(f"{mark} {_show(entry.at, zone)}  {entry.who:<18}  {entry.what}")
        if moment:
            status = get_status_at(contract, moment)
            shown = f"was shown as {Contract.Status(status).label.lower()}" if status else "did not exist"
            self.stdout.write(f"\nAt {_show(moment, zone)} it {shown}.")


def _read(log: Path | None, contract: Contract) -> list[Entry]:
    if log is None:
        return []
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return read_log(lines, contract.number, find_request_ids(contract))
    except OSError as error:
        raise CommandError(f"{log} cannot be read: {error}") from error


def _parse_time(text: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            "--at must be a time in ISO 8601, such as 2026-11-22T14:03 or 2026-11-22T14:03+08:00."
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _show(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S%z}"
