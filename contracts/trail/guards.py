"""Database triggers that refuse to edit or delete what is kept for good: contracts (R23), events (R27), the ledger.

Triggers of PostgreSQL and of SQLite. They are put up after every `migrate` and not by one migration, because SQLite
makes a table anew to alter it, and its triggers are gone then without a word. A trigger's name holds a hash of what it
does, so one that an older version put up is known by its name.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows that are never deleted, and what of them is never edited: `columns`, or all where there are none."""

    model: str
    key: tuple[str, ...]
    """Columns that name a row together, as `id` does: SQLite could replace it by another row of the same name."""
    columns: tuple[str, ...] = ()
    app: str = "contracts"

    @property
    def table(self) -> str:
        return f"{self.app}_{self.model}"


KEPT = (
    Kept("ledgerentry", key=("id",), app="billing"),
    Kept("auditevent", key=("contract_id", "position")),
    Kept("trailseal", key=("day",)),
    Kept("contractdocument", key=("contract_id", "kind")),
    Kept(
        "contractorder",
        key=("contract_id", "order_id"),
        columns=("id", "contract_id", "order_id", "snapshot"),
    ),
    Kept(
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
    """The names of the triggers that should be in the database and are not."""
    connection = connections[using]
    on = {name for name, (_table, is_on) in _standing(connection).items() if is_on}
    return [name for kept in KEPT for name in _statements(connection, kept) if name not in on]


def install_guards(*, apps: Any = installed, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Django's `post_migrate`, whose `apps` are the models as migrated so far: put up the guards that are missing.

    Those that are switched off, or of an older version, go.
    """
    connection = connections[using]
    standing = _standing(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(REFUSE)
        for kept in KEPT:
            if not _migrated(apps, kept):
                continue
            wanted = _statements(connection, kept)
            there = {name: is_on for name, (table, is_on) in standing.items() if table == kept.table}
            sound = {name for name, is_on in there.items() if is_on and name in wanted}
            for name in there.keys() - sound:
                where = f" ON {kept.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {name}{where}")
            for name in wanted.keys() - sound:
                cursor.execute(wanted[name])


def _migrated(apps: Any, kept: Kept) -> bool:
    """Whether the table has all the columns, or is on the way to, or back from, a version that has them."""
    try:
        fields = apps.get_model(kept.app, kept.model)._meta.concrete_fields
    except LookupError:
        return False
    return {*kept.columns, *kept.key} <= {field.column for field in fields}


def _standing(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, bool]]:
    """The guards that are there: trigger's name → its table, and whether it is switched on."""
    by_vendor = {
        "postgresql": "SELECT tgname, relname, tgenabled IN ('O', 'A') FROM pg_trigger"
        " JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname LIKE 'kept_%%'",
        "sqlite": "SELECT name, tbl_name, 1 FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'kept_%%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(by_vendor[connection.vendor], [])
        return {name: (table, bool(is_on)) for name, table, is_on in cursor.fetchall()}


REFUSE = """
CREATE OR REPLACE FUNCTION contracts_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'Rows of % are kept: % is refused.', TG_TABLE_NAME, TG_OP USING ERRCODE = '23001'; END$$
"""
"""SQLSTATE restrict_violation, which Django calls an IntegrityError, as SQLite's RAISE."""


def _statements(connection: BaseDatabaseWrapper, kept: Kept) -> dict[str, str]:
    """Trigger's name → the statement that puts it up."""
    make = _in_postgresql if connection.vendor == "postgresql" else _in_sqlite
    statements = {}
    for done, does in make(kept, kept.table):
        name = f"kept_{kept.model}_{done}_{hashlib.sha256(does.encode()).hexdigest()[:8]}"
        statements[name] = f"CREATE TRIGGER {name} {does}"
    return statements


def _in_postgresql(kept: Kept, table: str) -> Iterator[tuple[str, str]]:
    """What is refused, and a trigger that does.

    Nothing is asked of an UPDATE that names none of the columns: ending a contract costs what it did.
    """
    refuse = "EXECUTE FUNCTION contracts_refuse()"
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in kept.columns)
    edits = f"UPDATE OF {', '.join(kept.columns)}" if kept.columns else "UPDATE"
    when = f"WHEN ({changed}) " if kept.columns else ""
    for name, event, each in (
        ("edited", edits, f"EACH ROW {when}"),
        ("deleted", "DELETE", "EACH ROW "),
        ("emptied", "TRUNCATE", "EACH STATEMENT "),
    ):
        yield name, f"BEFORE {event} ON {table} FOR {each}{refuse}"


def _in_sqlite(kept: Kept, table: str) -> Iterator[tuple[str, str]]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in kept.columns)
    same = " AND ".join(f"{column} = NEW.{column}" for column in kept.key)
    there = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR {same})"  # noqa: S608 - from KEPT
    for name, event, when in (
        ("edited", f"UPDATE OF {', '.join(kept.columns)}" if kept.columns else "UPDATE", changed),
        ("deleted", "DELETE", ""),
        ("replaced", "INSERT", there),
    ):
        refuse = f"BEGIN SELECT RAISE(ABORT, 'Rows of {table} are kept: {event.split()[0]} is refused.'); END"
        condition = f"WHEN {when} " if when else ""
        yield name, f"BEFORE {event} ON {table} {condition}{refuse}"
