"""Times of changes that readers can page by without missing a change (docs/decisions/0040-readers-miss-no-change.md).

A transaction takes the time of its change before it commits, so a reader could see a later change first and never come
back for the earlier one. Each writing transaction therefore holds a shared advisory lock, named by the second in which
it took its time, until its changes are visible. A reader stops before the oldest second that is still held.
"""

from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

LOCK_CLASS = 0x0C4A6E
"""Upper half of the keys of the advisory locks. The lower half is a Unix time in seconds."""
TAKE_TIME = (
    "(SELECT clock_timestamp() FROM pg_advisory_xact_lock_shared("
    "(%s::bigint << 32) + floor(extract(epoch FROM clock_timestamp()))::bigint))"
)
"""Locks, then reads the time. A reader that does not see the lock has therefore read an earlier time."""
FIND_HORIZON = (
    "SELECT least(clock_timestamp(), min(to_timestamp(objid::bigint))) FROM pg_locks WHERE locktype = 'advisory'"
    " AND classid = %s AND objsubid = 1 AND pid <> pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class ChangeTime(models.Func):
    """The database's time of this change. On SQLite, where writers wait for each other, this machine's."""

    output_field = models.DateTimeField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any) -> Any:  # type: ignore[override]  # takes no function
        return compiler.compile(models.Value(timezone.now(), models.DateTimeField()))

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any) -> tuple[str, Any]:
        return TAKE_TIME, [LOCK_CLASS]


class ChangeTimeField(models.DateTimeField):
    """When the row last changed: set whenever it is saved with this field. A time that an insert gives is kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_default", Now())
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        given = getattr(model_instance, self.attname)
        return given if add and isinstance(given, datetime) else ChangeTime()

    def deconstruct(self) -> Any:
        """Return a plain DateTimeField for migrations: how it is set does not change the column."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs


def find_change_horizon() -> datetime:
    """Return the time (aware) before which no change is still to become visible. Read rows after calling it."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(FIND_HORIZON, [LOCK_CLASS])
        horizon: datetime = cursor.fetchone()[0]
    return horizon
