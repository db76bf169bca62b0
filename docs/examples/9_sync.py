"""Keep a copy of contracts and orders in an SQLite file; run it as often as you like: 9_sync.py FILE"""

import json
import sqlite3
import sys

from centre import Refusal, call


def store(number, record):
    copy.execute("INSERT OR REPLACE INTO records VALUES (?, ?)", (number, json.dumps(record)))


def begin():
    """Copy the lists. What changes meanwhile comes again as an event after the place that is stored first."""
    copy.execute("DELETE FROM place")
    copy.execute("DELETE FROM records")
    copy.execute("INSERT INTO place VALUES (?)", (call("GET", "events/?page_size=1")["last_id"],))
    for records in ("contracts", "orders"):
        page = f"{records}/?page_size=200"
        while page:
            answer = call("GET", page)
            for row in answer["results"]:
                store(row["number"], row)
            page = answer["next"]
    copy.commit()


def follow():
    """Store each page of events with its place in one transaction, so that the program may be killed at any time."""
    [[place]] = copy.execute("SELECT id FROM place")
    page = f"events/?after={place}"
    while page:
        answer = call("GET", page)
        for event in answer["results"]:
            record = event["data"].get("contract") or event["data"].get("order")
            store(record["number"], record)
            copy.execute("UPDATE place SET id = ?", (event["id"],))
            print(event["type"], record["number"], record["status"])
        copy.commit()
        page = answer["next"]


copy = sqlite3.connect(sys.argv[1])
copy.execute("CREATE TABLE IF NOT EXISTS records (number TEXT PRIMARY KEY, record TEXT)")
copy.execute("CREATE TABLE IF NOT EXISTS place (id INTEGER)")
if not copy.execute("SELECT 1 FROM place").fetchone():
    begin()
try:
    follow()
except Refusal as refusal:
    if refusal.code != "events_expired":
        raise
    begin()
