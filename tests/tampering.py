"""What somebody does who gets at the database, and may drop what guards it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from contracts.trail.guards import GUARDED_TABLES, install_guards


@contextmanager
def guards_lifted() -> Iterator[None]:
    """Inside, the database refuses nothing; afterwards its guards stand again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the commit bars any change of a table
            cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE 'permanent_%%'", [])
            drops = [f"DROP TRIGGER {name} ON {table}" for name, table in cursor.fetchall()]
        else:
            tables = ", ".join(f"'{kept.table}'" for kept in GUARDED_TABLES)
            cursor.execute(f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({tables})")
            drops = [f"DROP TRIGGER {name}" for (name,) in cursor.fetchall()]
        for drop in drops:
            cursor.execute(drop)
        try:
            yield
        finally:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            install_guards()


def tamper(statement: str, *parameters: object) -> None:
    """Change rows beside the services, with the guards out of the way."""
    with guards_lifted(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount > 0
