"""Migration operations that do not block the site (docs/upgrading.md): Django's for PostgreSQL, plain ones on SQLite.

Those of indexes need a migration of their own with `atomic = False`.
"""

from typing import Any

from django.contrib.postgres import operations as postgresql
from django.db import migrations
from django.db.migrations.operations.base import Operation


class _PlainOnSqlite:
    """An operation that is `plain` on SQLite, or does nothing there without one."""

    plain: type[Operation] | None

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)  # type: ignore[misc]
        elif self.plain:
            self.plain.database_forwards(self, app_label, schema_editor, from_state, to_state)  # type: ignore[arg-type]

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)  # type: ignore[misc]
        elif self.plain:
            self.plain.database_backwards(self, app_label, schema_editor, from_state, to_state)  # type: ignore[arg-type]


class AddIndexConcurrently(_PlainOnSqlite, postgresql.AddIndexConcurrently):
    plain = migrations.AddIndex


class RemoveIndexConcurrently(_PlainOnSqlite, postgresql.RemoveIndexConcurrently):
    plain = migrations.RemoveIndex


class AddConstraintNotValid(_PlainOnSqlite, postgresql.AddConstraintNotValid):
    plain = migrations.AddConstraint


class ValidateConstraint(_PlainOnSqlite, postgresql.ValidateConstraint):
    plain = None
