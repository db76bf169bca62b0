"""Select the backup functions of the configured database engine."""

from types import ModuleType

from django.db import connection

from contracts.operations.backup import postgresql, sqlite


def engine() -> ModuleType:
    """Return the module with `dumped`, `restore`, `require_empty`, `server` and `TABLES`."""
    return {"postgresql": postgresql, "sqlite": sqlite}[connection.vendor]
