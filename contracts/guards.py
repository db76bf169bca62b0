"""What the database itself refuses: to edit or delete what is kept for good (R23, R27), whoever asks and however.

Triggers of PostgreSQL and of SQLite. They are put up after every `migrate` and not by one migration, because SQLite
makes a table anew to alter it, and its triggers are gone then without a word.
"""

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


KEPT = (
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
    standing = _standing(connection)
    return [name for kept in KEPT for name in _statements(connection, kept) if name not in standing]


def install_guards(*, apps: Any = installed, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Django's `post_migrate`, whose `apps` are the models as migrated so far: put up the guards that are missing."""
    connection = connections[using]
    standing = _standing(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(REFUSE)
        for kept in KEPT:
            if _migrated(apps, kept):
                statements = _statements(connection, kept)
                for name in statements.keys() - standing:
                    cursor.execute(_removal(connection, name, kept))
                    cursor.execute(statements[name])


def _removal(connection: BaseDatabaseWrapper, name: str, kept: Kept) -> str:
    """One that was disabled is there all the same."""
    where = f" ON contracts_{kept.model}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {name}{where}"


def _migrated(apps: Any, kept: Kept) -> bool:
    """Whether the table has all the columns, or is on the way to, or back from, a version that has them."""
    try:
        fields = apps.get_model("contracts", kept.model)._meta.concrete_fields
    except LookupError:
        return False
    return {*kept.columns, *kept.key} <= {field.column for field in fields}


def _standing(connection: BaseDatabaseWrapper) -> set[str]:
    by_vendor = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'kept_%%' AND tgenabled IN ('O', 'A')",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }
    with connection.cursor() as cursor:
        cursor.execute(by_vendor[connection.vendor], [])
        return {name for (name,) in cursor.fetchall()}


REFUSE = """
CREATE OR REPLACE FUNCTION contracts_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'Rows of % are kept: % is refused.', TG_TABLE_NAME, TG_OP USING ERRCODE = '23001'; END$$
"""
"""SQLSTATE restrict_violation, which Django calls an IntegrityError, as SQLite's RAISE."""


def _statements(connection: BaseDatabaseWrapper, kept: Kept) -> dict[str, str]:
    """Trigger's name → the statement that puts it up."""
    make = _in_postgresql if connection.vendor == "postgresql" else _in_sqlite
    return dict(make(kept, f"contracts_{kept.model}"))


def _in_postgresql(kept: Kept, table: str) -> Iterator[tuple[str, str]]:
    """Nothing is asked of an UPDATE that names none of the columns: ending a contract costs what it did."""
    refuse = "EXECUTE FUNCTION contracts_refuse()"
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in kept.columns)
    edits = f"UPDATE OF {', '.join(kept.columns)}" if kept.columns else "UPDATE"
    when = f"WHEN ({changed}) " if kept.columns else ""
    for name, event, each in (
        ("edited", edits, f"EACH ROW {when}"),
        ("deleted", "DELETE", "EACH ROW "),
        ("emptied", "TRUNCATE", "EACH STATEMENT "),
    ):
        trigger = f"kept_{kept.model}_{name}"
        yield trigger, f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR {each}{refuse}"


def _in_sqlite(kept: Kept, table: str) -> Iterator[tuple[str, str]]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in kept.columns)
    same = " AND ".join(f"{column} = NEW.{column}" for column in kept.key)
    there = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR {same})"  # noqa: S608 - from KEPT
    for name, event, when in (
        ("edited", f"UPDATE OF {', '.join(kept.columns)}" if kept.columns else "UPDATE", changed),
        ("deleted", "DELETE", ""),
        ("replaced", "INSERT", there),
    ):
        trigger = f"kept_{kept.model}_{name}"
        refuse = f"BEGIN SELECT RAISE(ABORT, 'Rows of {table} are kept: {event.split()[0]} is refused.'); END"
        condition = f"WHEN {when} " if when else ""
        yield trigger, f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} {condition}{refuse}"
