"""The SQL of the guards of PostgreSQL and SQLite, and reading what is installed. guards.py names the tables.

A trigger's name includes a hash of its definition, so triggers of older versions are recognised.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique index of a table: on SQLite, INSERT OR REPLACE replaces the row through it."""

    columns: tuple[str, ...]
    where: str = ""
    """SQL condition of a partial index, on `{row}`."""

    def matches(self, table: str) -> str:
        """Return the SQL condition that a row of the table conflicts with NEW."""
        terms = [f"{table}.{column} = NEW.{column}" for column in self.columns]
        terms += [self.where.format(row=row) for row in (table, "NEW") if self.where]
        return " AND ".join(terms)


@dataclass(frozen=True, slots=True)
class GuardedTable:
    """A table whose rows are never deleted. `columns` are never edited; empty means all columns."""

    model: str
    key: tuple[str, ...] = ("id",)
    """Natural unique key, like `id`."""
    columns: tuple[str, ...] = ()
    app: str = "contracts"
    also_unique: tuple[Unique, ...] = field(default=())
    once: str = ""
    """SQL condition on `{row}`: rows are guarded only while it holds, such as once they are published."""
    parent: str = ""
    """SQL condition on `{row}` that reads another table, instead of `once`: while it holds, no row is added either."""
    parent_function: str = ""
    """PostgreSQL's function for it, because its triggers read no table by themselves."""

    @property
    def table(self) -> str:
        return f"{self.app}_{self.model}"


Key = tuple[str, str]
"""Name and table of a trigger. On PostgreSQL several tables can have triggers of one name."""


@dataclass(frozen=True, slots=True)
class InstalledTrigger:
    """A trigger as the database describes it."""

    definition: str
    is_enabled: bool
    function: str
    """Body of its function; empty on SQLite."""


REFUSE = "RAISE EXCEPTION 'Rows of % are permanent: % is refused.', TG_TABLE_NAME, TG_OP USING ERRCODE = '23001'"
"""SQLSTATE 23001 is restrict_violation, which Django raises as IntegrityError, like SQLite's RAISE."""
FUNCTIONS = {
    "contracts_refuse": f"BEGIN {REFUSE}; END",
    "contracts_refuse_published": (
        "BEGIN IF EXISTS (SELECT 1 FROM contracts_clauseversion WHERE published_at IS NOT NULL"  # noqa: S608 - ours
        f" AND id IN (OLD.version_id, NEW.version_id)) THEN {REFUSE}; END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END"
    ),
    # Both lock the account, so that it is not marked while its first contract is being inserted.
    "contracts_refuse_other_than_account": (
        "DECLARE found boolean; BEGIN"  # noqa: S608 - ours
        " SELECT is_test INTO found FROM accounts_account WHERE id = NEW.account_id FOR KEY SHARE;"
        f" IF found <> NEW.is_test THEN {REFUSE}; END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END"
    ),
    "contracts_refuse_account_with_contracts": (
        "BEGIN IF TG_OP <> 'INSERT' THEN PERFORM 1 FROM accounts_account WHERE id = OLD.id FOR UPDATE;"  # noqa: S608 - ours
        " IF EXISTS (SELECT 1 FROM contracts_contract WHERE account_id = OLD.id)"
        f" THEN {REFUSE}; END IF; END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END"
    ),
}
"""PostgreSQL's functions: name → body in PL/pgSQL."""


def create_functions(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield the statements that create or restore the functions."""
    if connection.vendor == "postgresql":
        for name, body in FUNCTIONS.items():
            yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"


def wanted_triggers(connection: BaseDatabaseWrapper, guarded: GuardedTable) -> dict[Key, str]:
    """Return the CREATE TRIGGER statements of a table."""
    make = _in_postgresql if connection.vendor == "postgresql" else _in_sqlite
    statements = {}
    for operation, definition in make(guarded, guarded.table):
        name = f"permanent_{guarded.model}_{operation}_{hashlib.sha256(definition.encode()).hexdigest()[:8]}"
        statements[name, guarded.table] = f"CREATE TRIGGER {name} {definition}"
    return statements


def installed_triggers(connection: BaseDatabaseWrapper) -> dict[Key, InstalledTrigger]:
    """Return the triggers of all tables."""
    by_vendor = {
        "postgresql": "SELECT tgname, relname, pg_get_triggerdef(pg_trigger.oid, true), tgenabled IN ('O', 'A'),"
        " lanname || ':' || prosrc FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_language ON pg_language.oid = prolang"
        " WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid)",
        "sqlite": "SELECT name, tbl_name, sql, 1, '' FROM sqlite_master WHERE type = 'trigger'",
    }
    with connection.cursor() as cursor:
        cursor.execute(by_vendor[connection.vendor], [])
        return {
            (name, table): InstalledTrigger(definition, bool(is_enabled), function)
            for name, table, definition, is_enabled, function in cursor.fetchall()
        }


def is_equivalent(installed: InstalledTrigger, wanted: str) -> bool:
    """Return True if the trigger does what the CREATE TRIGGER statement says, whatever its name."""
    if _normal(installed.definition) != _normal(wanted):
        return False
    named = re.search(r"EXECUTE FUNCTION (\w+)\(\)$", wanted)
    return named is None or installed.function == f"plpgsql:{FUNCTIONS[named[1]]}"


def _normal(definition: str) -> str:
    """Remove brackets, casts and the schema, which PostgreSQL prints in its own way.

    Other brackets around the same terms would only make a trigger fire more often.
    """
    return " ".join(re.sub(r'::text|public\.|[()"]', " ", definition).lower().split())


def _in_postgresql(guarded: GuardedTable, table: str) -> Iterator[tuple[str, str]]:
    """Yield operation and trigger definition.

    UPDATEs that set none of the columns do not fire the trigger, so ending a contract costs nothing extra.
    """
    refuse = f"EXECUTE FUNCTION {guarded.parent_function or 'contracts_refuse'}()"
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in guarded.columns)
    once = guarded.once.format(row="OLD")
    edits = f"UPDATE OF {', '.join(guarded.columns)}" if guarded.columns else "UPDATE"
    for name, event, condition in (("edited", edits, _all_of(once, changed)), ("deleted", "DELETE", once)):
        when = f"WHEN ({condition}) " if condition else ""
        yield name, f"BEFORE {event} ON {table} FOR EACH ROW {when}{refuse}"
    if guarded.parent:
        yield "added", f"BEFORE INSERT ON {table} FOR EACH ROW {refuse}"
    yield "emptied", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION contracts_refuse()"


def _in_sqlite(guarded: GuardedTable, table: str) -> Iterator[tuple[str, str]]:
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in guarded.columns)
    condition = guarded.once or guarded.parent
    old, new = condition.format(row="OLD"), guarded.parent.format(row="NEW")
    keys = [Unique(("id",)), Unique(guarded.key), *guarded.also_unique]
    same = " OR ".join(f"({key.matches(table)})" for key in dict.fromkeys(keys))
    there = f"EXISTS (SELECT 1 FROM {table} WHERE {_all_of(same, condition.format(row=table))})"  # noqa: S608 - ours
    moved = f"({old}) OR ({new})" if guarded.parent else old
    for name, event, when in (
        (
            "edited",
            f"UPDATE OF {', '.join(guarded.columns)}" if guarded.columns else "UPDATE",
            _all_of(moved, changed),
        ),
        ("deleted", "DELETE", old),
        ("replaced", "INSERT", f"({new}) OR {there}" if guarded.parent else there),
    ):
        refuse = f"BEGIN SELECT RAISE(ABORT, 'Rows of {table} are permanent: {event.split()[0]} is refused.'); END"
        yield name, f"BEFORE {event} ON {table} {f'WHEN {when} ' if when else ''}{refuse}"


def _all_of(*conditions: str) -> str:
    return " AND ".join(f"({condition})" for condition in conditions if condition)
