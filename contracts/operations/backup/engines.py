"""The database's own programs, by the engine of the settings."""

from types import ModuleType

from django.db import connection

from contracts.operations.backup import postgresql, sqlite


def engine() -> ModuleType:
    """The module with `dumped`, `restore`, `require_empty`, `server` and `TABLES`."""
    return {"postgresql": postgresql, "sqlite": sqlite}[connection.vendor]
