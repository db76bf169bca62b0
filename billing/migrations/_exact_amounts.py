"""What the migrations to MoneyField have in common."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def to_thousandths(table: str, *columns: str) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    """On SQLite, turn amounts with two decimals, stored as floats, into thousandths as integers."""
    return _on_sqlite(table, columns, "CAST(ROUND({0} * 100) AS INTEGER) * 10")


def to_floats(table: str, *columns: str) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    """The reverse of `to_thousandths`."""
    return _on_sqlite(table, columns, "{0} / 1000.0")


def _on_sqlite(table: str, columns: Sequence[str], value: str) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    def convert(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "sqlite":
            _lift_guards(schema_editor, table)
            changes = ", ".join(f"{column} = {value.format(column)}" for column in columns)
            schema_editor.execute(f"UPDATE {table} SET {changes}")

    return convert


def _lift_guards(schema_editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Drop the triggers that refuse to edit the table's rows. `post_migrate` installs them again."""
    guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name LIKE 'kept_%%'"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(guards, [table])
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        schema_editor.execute(f"DROP TRIGGER {name}")
