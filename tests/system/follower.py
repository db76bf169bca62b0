"""A program that keeps a copy by reading events, as docs/api.md tells integrators: `follower PORT TOKEN FILE`.

It may be killed at any time: events and its place among them are stored in one transaction.
"""

import json
import sqlite3
import sys
import time
from pathlib import Path

from tests.system.calls import Caller, Unanswered


def open_copy(path: Path) -> sqlite3.Connection:
    copy = sqlite3.connect(path, isolation_level=None)
    copy.execute("CREATE TABLE IF NOT EXISTS records (number TEXT PRIMARY KEY, record TEXT)")
    copy.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, webhook_id TEXT UNIQUE)")
    return copy


def find_place(copy: sqlite3.Connection) -> int:
    [place] = copy.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    return place


def follow(caller: Caller, copy: sqlite3.Connection) -> None:
    while True:
        try:
            answer = caller.get(f"/api/v1/events/?after={find_place(copy)}&page_size=200")
        except Unanswered:
            continue
        assert answer.status == 200, answer.body
        copy.execute("BEGIN")
        for event in answer.json["results"]:
            copy.execute("INSERT INTO events VALUES (?, ?)", (event["id"], event["webhook_id"]))
            for kind in ("contract", "order", "void_ticket"):
                if kind in event["data"]:
                    record = event["data"][kind]
                    number = record.get("number") or f"ticket {record['id']}"
                    copy.execute("INSERT OR REPLACE INTO records VALUES (?, ?)", (number, json.dumps(record)))
        copy.execute("COMMIT")
        if answer.json["next"] is None:
            time.sleep(0.05)


if __name__ == "__main__":
    port, token, file = sys.argv[1:]
    follow(Caller(int(port), token), open_copy(Path(file)))
