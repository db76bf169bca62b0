"""Database triggers that refuse edits and deletions of permanent rows: contracts (R23), events (R27), the ledger.

Both PostgreSQL and SQLite have them. They are installed after every `migrate` and not by a single migration, because
SQLite rebuilds a table to alter it and silently drops its triggers. A trigger's name includes a hash of its definition,
so triggers of older versions are recognised by name.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class GuardedTable:
    """A table whose rows are never deleted. `columns` are never edited; empty means all columns."""

    model: str
    key: tuple[str, ...]
    """Natural unique key, like `id`: on SQLite, INSERT OR REPLACE could replace the row through it."""
    columns: tuple[str, ...] = ()
    app: str = "contracts"

    @property
    def table(self) -> str:
        return f"{self.app}_{self.model}"


GUARDED_TABLES = (
    GuardedTable("ledgerentry", key=("id",), app="billing"),
    GuardedTable("auditevent", key=("contract_id", "position")),
    GuardedTable("trailseal", key=("day",)),
    GuardedTable("contractdocument", key=("contract_id", "kind")),
    GuardedTable(
        "contractorder",
        key=("contract_id", "order_id"),
        columns=("id", "contract_id", "order_id", "snapshot"),
    ),
    GuardedTable(
        "contract",
        key=("number",),
        columns=(
            *("id", "number", "verification_code", "account_id", "type", "language"),
            *("currency", "total_amount", "order_count", "order_numbers"),
            *("party_a", "party_b", "remittance_account", "issuer_version_id", "clause_version_id"),
        ),
    ),
)


def missing_guards(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the names of the triggers that are missing from the database or disabled."""
    connection = connections[using]
    enabled = {name for name, (_table, is_enabled) in _installed(connection).items() if is_enabled}
    return [name for guarded in GUARDED_TABLES for name in _statements(connection, guarded) if name not in enabled]


def install_guards(*, apps: Any = installed, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Install missing triggers, and drop those that are disabled or of an older version.

    Handler of Django's `post_migrate`; `apps` are the models as migrated so far.
    """
    connection = connections[using]
    installed_guards = _installed(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(CREATE_REFUSE_FUNCTION)
        for guarded in GUARDED_TABLES:
            if not _has_columns(apps, guarded):
                continue
            wanted = _statements(connection, guarded)
            present = {
                name: is_enabled for name, (table, is_enabled) in installed_guards.items() if table == guarded.table
            }
            current = {name for name, is_enabled in present.items() if is_enabled and name in wanted}
            for name in present.keys() - current:
                where = f" ON {guarded.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {name}{where}")
            for name in wanted.keys() - current:
                cursor.execute(wanted[name])


def _has_columns(apps: Any, guarded: GuardedTable) -> bool:
    """Return True if the table has all the guarded columns at this point of the migrations."""
    try:
        fields = apps.get_model(guarded.app, guarded.model)._meta.concrete_fields
    except LookupError:
        return False
    return {*guarded.columns, *guarded.key} <= {field.column for field in fields}


def _installed(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, bool]]:
    """Return the installed triggers: name → table, and whether it is enabled."""
    by_vendor = {
        "postgresql": "SELECT tgname, relname, tgenabled IN ('O', 'A') FROM pg_trigger"
        " JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname LIKE 'kept_%%'",
        "sqlite": "SELECT name, tbl_name, 1 FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'kept_%%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(by_vendor[connection.vendor], [])
        return {name: (table, bool(is_enabled)) for name, table, is_enabled in cursor.fetchall()}


CREATE_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION contracts_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'Rows of % are kept: % is refused.', TG_TABLE_NAME, TG_OP USING ERRCODE = '23001'; END$$
"""
"""SQLSTATE 23001 is restrict_violation, which Django raises as IntegrityError, like SQLite's RAISE."""


def _statements(connection: BaseDatabaseWrapper, guarded: GuardedTable) -> dict[str, str]:
    """Return the triggers of a table: name → CREATE TRIGGER statement."""
    make = _in_postgresql if connection.vendor == "postgresql" else _in_sqlite
    statements = {}
    for operation, definition in make(guarded, guarded.table):
        name = f"kept_{guarded.model}_{operation}_{hashlib.sha256(definition.encode()).hexdigest()[:8]}"
        statements[name] = f"CREATE TRIGGER {name} {definition}"
    return statements


def _in_postgresql(guarded: GuardedTable, table: str) -> Iterator[tuple[str, str]]:
    """Yield operation and trigger definition.

    UPDATEs that set none of the columns do not fire the trigger, so ending a contract costs nothing extra.
    """
    refuse = "EXECUTE FUNCTION contracts_refuse()"
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in guarded.columns)
    edits = f"UPDATE OF {', '.join(guarded.columns)}" if guarded.columns else "UPDATE"
    when = f"WHEN ({changed}) " if guarded.columns else ""
    for name, event, each in (
        ("edited", edits, f"EACH ROW {when}"),
        ("deleted", "DELETE", "EACH ROW "),
        ("emptied", "TRUNCATE", "EACH STATEMENT "),
    ):
        yield name, f"BEFORE {event} ON {table} FOR {each}{refuse}"


def _in_sqlite(guarded: GuardedTable, table: str) -> Iterator[tuple[str, str]]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in guarded.columns)
    same = " AND ".join(f"{column} = NEW.{column}" for column in guarded.key)
    there = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR {same})"  # noqa: S608 - from GUARDED_TABLES
    for name, event, when in (
        ("edited", f"UPDATE OF {', '.join(guarded.columns)}" if guarded.columns else "UPDATE", changed),
        ("deleted", "DELETE", ""),
        ("replaced", "INSERT", there),
    ):
        refuse = f"BEGIN SELECT RAISE(ABORT, 'Rows of {table} are kept: {event.split()[0]} is refused.'); END"
        condition = f"WHEN {when} " if when else ""
        yield name, f"BEFORE {event} ON {table} {condition}{refuse}"
