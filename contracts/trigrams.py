"""The trigram index of contract searches. PostgreSQL only: SQLite finds the same without an index."""

from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, transaction

NAME, TABLE = "contract_search_trigrams", "contracts_contractsearch"
CREATE_EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
# New entries wait in a short list, so that drafting stays fast; every search reads that list.
CREATE_INDEX = f"CREATE INDEX {NAME} ON {TABLE} USING gin (text gin_trgm_ops) WITH (gin_pending_list_limit = 256)"
# The planner estimates by a sample of the texts whether one is rare (use this index) or common (read the newest first).
SET_STATISTICS = f"ALTER TABLE {TABLE} ALTER COLUMN text SET STATISTICS 400"
NO_EXTENSION = (
    "The search needs the PostgreSQL extension pg_trgm, and this database user cannot create it ({error}). Install"
    " PostgreSQL's contrib package if it is missing, run CREATE EXTENSION pg_trgm in this database as its owner or as a"
    " superuser, and run migrate again. See docs/operations.md."
)


def create_trigram_index(_apps: Any, schema_editor: Any) -> None:
    """Create the extension and the index. Raises CommandError with what to do if the extension cannot be created."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        try:
            with transaction.atomic(using=schema_editor.connection.alias):
                cursor.execute(CREATE_EXTENSION)
        except DatabaseError as error:
            raise CommandError(NO_EXTENSION.format(error=str(error).splitlines()[0])) from error
        cursor.execute(CREATE_INDEX)
        cursor.execute(SET_STATISTICS)


def drop_trigram_index(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {NAME}")
