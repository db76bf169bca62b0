"""What PostgreSQL gives back is the instant that was kept, in UTC, as Django's own reader gives it."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg.pq import Format

from common.postgres_datetimes import InstantLoader

INSTANTS = [
    "0001-01-01 00:00:00",
    "1969-12-31 23:59:59.999999",
    "2026-11-25 13:47:18",
    "2026-11-25 13:47:18.5",
    "2026-11-25 13:47:18.000001",
    "9999-12-31 23:59:59.999999",
]


@pytest.fixture
def postgresql(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no such type")


@pytest.mark.parametrize("text", INSTANTS)
def test_an_instant_comes_back_as_it_was(text: str) -> None:
    kept = datetime.fromisoformat(f"{text}+00:00")
    assert InstantLoader(0).load(f"{text}+00".encode()) == kept


@pytest.mark.parametrize("text", INSTANTS)
def test_the_server_gives_back_what_django_would_read(text: str, postgresql: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, %s::timestamptz::text", [f"{text}+00"] * 2)
        instant, written = cursor.fetchone()
        loader = cursor.adapters.get_loader(cursor.description[0].type_code, Format.TEXT)
    assert loader is InstantLoader  # Django gives a cursor a reader of its own where it does not know this one
    assert (instant, instant.tzinfo) == (BaseTzLoader(0).load(written.encode()).replace(tzinfo=UTC), UTC)
