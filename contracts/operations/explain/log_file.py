"""What a log file knows about a contract: requests with their refusals, and tasks. Refusals leave no row."""

import json
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contracts.operations.explain.entries import Entry, describe_actor

MAX_ENTRIES = 1000
"""The newest entries of a log that are listed."""
IGNORED = {"time", "level", "logger", "event", "request_id", "user", "account", "contract", "task_id", "frames"}
"""Fields that are shown elsewhere in an entry, or not at all."""


def read_log(lines: Iterable[str], number: str, request_ids: set[str]) -> list[Entry]:
    """Return entries of the lines (JSON objects) that name the contract, or one of the requests that changed it.

    Requests whose line names the contract count as well for the lines after it, such as those of their tasks. Lines
    that are no JSON are skipped. At most MAX_ENTRIES, the newest.
    """
    ids, found = set(request_ids), deque[Entry](maxlen=MAX_ENTRIES)
    for text in lines:
        if number not in text and not any(id_ in text for id_ in ids):
            continue  # before it is parsed: logs are long
        line = _parse(text)
        if line is None or not (line.get("contract") == number or line.get("request_id") in ids):
            continue
        if isinstance(line.get("request_id"), str):
            ids.add(line["request_id"])
        if at := _time_of(line):
            found.append(Entry(at, _who(line), _what(line)))
    return list(found)


def _parse(text: str) -> dict[str, Any] | None:
    """Return the line's object. A prefix of the log collector, before the first brace, is skipped."""
    try:
        line = json.loads(text[text.index("{") :])
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _time_of(line: dict[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(line.get("time")))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _who(line: dict[str, Any]) -> str:
    user = line.get("user")
    return describe_actor(user if isinstance(user, int) else None, "log")


def _what(line: dict[str, Any]) -> str:
    if line.get("logger") == "config.requests":
        refused = f", refused: {line['code']}" if line.get("code") else ""
        request = f"(request {line.get('request_id')})"
        return f"{line.get('method')} {line.get('route')}: {line.get('status')}{refused} {request}"
    facts = ", ".join(f"{name} {value}" for name, value in line.items() if name not in IGNORED)
    return f"{line.get('level')}: {line.get('event')}{f' ({facts})' if facts else ''}"
