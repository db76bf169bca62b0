"""What a process of the test is told, and what the test sees of it in the database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from contracts.models import Contract


def environment_on(database: str, *, redis: str, folder: Path, **more: str) -> dict[str, str]:
    """On this database and broker, and with the files and the seal of the test run."""
    return {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "DATA_DIR": str(folder),
        "STORAGE_URL": Path(settings.STORAGES["default"]["OPTIONS"]["location"]).as_uri(),
        "SEAL_P12": settings.SEAL_P12,
        "EMAIL_URL": "smtp://127.0.0.1:1",  # nobody is there
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def as_the_clock_does(task: str, environment: dict[str, str]) -> None:
    """Send the task, by its name, to the worker of this environment."""
    with current_app.connection_for_write(url=environment["REDIS_URL"]) as broker:
        current_app.send_task(task, connection=broker)


def its_time_comes(contract: Contract) -> None:
    """The end of a payment request contract was a second ago, and nothing has noticed."""
    past = timezone.now() - timedelta(seconds=1)
    Contract.objects.filter(pk=contract.pk).update(
        applied_at=past - timedelta(days=1), expires_at=past, valid_until=past
    )


@contextmanager
def no_events_written() -> Iterator[None]:
    """Whoever writes an audit event waits for the end of the block: a transaction is held up before its commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE contracts_auditevent IN EXCLUSIVE MODE")
        yield


def held_up() -> list[int]:
    """The database's processes that wait to write an audit event."""
    return _pids("SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'contracts_auditevent'::regclass")


def alive(pids: list[int]) -> list[int]:
    """Those of the database's processes that still serve somebody."""
    return sorted({*pids} & {*_pids("SELECT pid FROM pg_stat_activity")})


def _pids(query: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [pid for (pid,) in cursor.fetchall()]
