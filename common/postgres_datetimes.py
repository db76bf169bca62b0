"""A faster loader for PostgreSQL timestamps: Django's own takes 5 % of the time of a list.

See Django ticket 36960. psycopg's optimised loader cannot be extended (psycopg issue 1273).
"""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.abc import Buffer
from psycopg.adapt import Loader


class InstantLoader(Loader):
    """Load a `timestamptz`, which the server formats as ISO 8601 in a session with UTC and ISO dates."""

    timezone = UTC
    """Django replaces the loader of a cursor unless this equals the connection's time zone."""

    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(str(data, "ascii"))


def register_instant_loader(connection: BaseDatabaseWrapper, **signal: Any) -> None:
    """Receive `connection_created`."""
    if connection.vendor == "postgresql":
        connection.connection.adapters.register_loader("timestamptz", InstantLoader)
