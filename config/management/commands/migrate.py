"""manage.py migrate: Django's, which does not make the site wait behind a lock (docs/upgrading.md)."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

LOCK_TIMEOUT_SECONDS = 5
"""How long a statement waits for a lock. All requests that need the table would wait behind it."""


class Command(migrate.Command):
    """On PostgreSQL, gives up when a lock is not free within LOCK_TIMEOUT_SECONDS."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS * 1000:.0f}ms'")
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise CommandError(
                f"A table was locked for longer than {LOCK_TIMEOUT_SECONDS} seconds. The migrations before this one are"
                " done, nothing of it is. Run migrate again, when less is going on."
            ) from error
