"""The audit trail as CSV and as JSON lines, streamed in flat memory (R27, R43)."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common.chunks import in_chunks
from common.tables import Cell, Table, csv_lines
from contracts.models import AuditEvent

CHUNK = 2_000
"""Events in memory at a time."""


def stream_json_lines(events: "QuerySet[Any]", zone: ZoneInfo) -> Iterator[bytes]:
    """Yield an object a line, oldest first, for systems that collect security events. Times are RFC 3339 in `zone`."""
    for event, person in _read(events):
        yield json.dumps(_facts(event, person, zone), ensure_ascii=False).encode() + b"\n"


def stream_csv(events: "QuerySet[Any]", zone: ZoneInfo) -> Iterator[bytes]:
    """Yield the same facts as CSV with translated titles and kinds."""
    titles = [_("Time"), _("Contract No."), _("Position"), _("Kind"), _("User ID"), _("User name"), _("Name")]
    titles += [_("Source"), _("Account number"), _("Void ticket"), _("Request ID"), _("Data"), _("Hash")]
    return csv_lines(Table(_("Audit trail"), titles, (_cells(event, person) for event, person in _read(events))), zone)


def _read(events: "QuerySet[Any]") -> Iterator[tuple[AuditEvent, Any]]:
    """Yield the events with their users, None for scheduler, commands and deleted users."""
    rows = events.select_related("contract__account").order_by("at", "pk").iterator(chunk_size=CHUNK)
    for chunk in in_chunks(rows, CHUNK):
        users = get_user_model().objects.in_bulk({event.actor_id for event in chunk if event.actor_id})
        yield from ((event, users.get(event.actor_id)) for event in chunk)


def _facts(event: AuditEvent, person: Any, zone: ZoneInfo) -> dict[str, Any]:
    data = dict(event.data)
    return {
        "time": timezone.localtime(event.at, zone).isoformat(timespec="microseconds"),
        "event": event.kind,
        "event_id": event.pk,
        "actor_id": event.actor_id,
        "actor": person.get_username() if person else None,
        "actor_name": (person.get_full_name() or None) if person else None,
        "source": event.source,
        "account": event.contract.account.number,
        "contract": event.contract.number,
        "position": event.position,
        "ticket": event.ticket_id,
        "request_id": data.pop("request_id", None),
        "data": data,
        "previous": event.previous,
        "hash": event.hash,
    }


def _cells(event: AuditEvent, person: Any) -> list[Cell]:
    data = dict(event.data)
    request_id = data.pop("request_id", "")
    return [
        event.at,
        event.contract.number,
        event.position,
        event.get_kind_display(),
        event.actor_id,
        person.get_username() if person else "",
        person.get_full_name() if person else "",
        event.source,
        event.contract.account.number,
        event.ticket_id,
        request_id,
        json.dumps(data, ensure_ascii=False) if data else "",
        event.hash,
    ]


FORMATS: dict[str, tuple[Callable[..., Iterable[bytes]], str]] = {
    "csv": (stream_csv, "text/csv; charset=utf-8"),
    "jsonl": (stream_json_lines, "application/x-ndjson"),
}
"""Format → the stream, and its content type."""
