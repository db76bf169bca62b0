"""Checks of everything that the system needs, for `manage.py check_system`: each with what to do if it fails."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from types import FrameType

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db import connection
from django.utils import timezone

from accounts.access.actors import COMMAND
from common.replica import CHANGED_SECONDS, get_lag_seconds
from config import health
from config.disk_space import MIN_FREE_BYTES, free_bytes, places
from contracts.health.clock_health import clock_health
from contracts.health.seal_check import check_the_seal
from contracts.operations.backup.encryption import parse_recipients
from contracts.operations.backup.places import find_place
from contracts.sealing.stamps import request_stamp
from contracts.trail.anchor import anchor_storage
from emails.sending import require_mail_server
from jobs.clock_jobs import INTERVALS
from jobs.models import RecoveryRun

LIMIT_SECONDS = 30
"""Time limit of one check."""
INTERRUPT_INTERVAL_SECONDS = 5
"""A library that catches the first interruption and tries again is interrupted again."""
PROBE = "check-system.txt"
PROBE_CONTENT = b"check_system"


class NothingToCheck(Exception):
    """Raised by a check of a part that this process does not use. The message says why."""


@dataclass(frozen=True, slots=True)
class SystemCheck:
    run: Callable[[], str]
    """Returns what works, in words. Raises NothingToCheck, or any other exception if the part does not work."""
    advice: str
    """What to do if it fails."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block when the time is over. For the main thread."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"no answer within {seconds:.0f} seconds")

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, INTERRUPT_INTERVAL_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        [version] = cursor.fetchone()
    return f"{connection.display_name} {version.removeprefix('PostgreSQL ').split(' ')[0]} answers"


def _replica() -> str:
    lag = get_lag_seconds()
    if lag is None:
        raise NothingToCheck("DATABASE_REPLICA_URL is not set")
    if lag > CHANGED_SECONDS:
        raise RuntimeError(f"is {lag:.0f} seconds behind, and people see old lists")
    return f"is {lag:.1f} seconds behind"


def _migrations() -> str:
    health.require_database()
    return "all are applied"


def _broker() -> str:
    health.require_broker()
    return "accepts messages" if settings.REDIS_URL else "is a folder (REDIS_URL is not set)"


def _storage() -> str:
    _write_and_read(default_storage)
    default_storage.delete(PROBE)
    return f"{_kind_of(default_storage)}: a file was written, read and deleted"


def _write_and_read(storage: Storage) -> None:
    storage.save(PROBE, ContentFile(PROBE_CONTENT))
    with storage.open(PROBE) as file:
        if file.read() != PROBE_CONTENT:
            raise OSError("it returned another file than was written")


def _kind_of(storage: Storage) -> str:
    location = getattr(storage, "location", "")
    bucket = getattr(storage, "bucket_name", "")
    return f"bucket {bucket}" if bucket else f"folder {location}"


def _mail_server() -> str:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        raise NothingToCheck("EMAIL_URL names none: emails are not sent")
    require_mail_server()
    signed_in = "and accepted the password" if settings.EMAIL_HOST_USER else "without a password"
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} answered {signed_in}"


def _timestamp_server() -> str:
    if not settings.SEAL_TSA_URL:
        raise NothingToCheck("SEAL_TSA_URL is not set")
    started = time.monotonic()
    request_stamp(sha256(PROBE_CONTENT).hexdigest())
    return f"{settings.SEAL_TSA_URL} issued a valid timestamp in {time.monotonic() - started:.1f} s"


def _seal() -> str:
    if not settings.SEAL_P12 and not settings.SEAL_PKCS11_MODULE:
        raise NothingToCheck("this process has none: run this where contracts are sealed")
    now = timezone.now()
    examination = check_the_seal(now=now, by=COMMAND)
    if examination.broken:
        raise RuntimeError(" ".join(examination.broken))
    days = f"{(examination.expires_at - now).days} days" if examination.expires_at else "an unknown time"
    return " ".join([f"works; its certificate ends in {days}.", *examination.warnings])


def _clock() -> str:
    health.require_clock()
    last = clock_health(now=timezone.now()).last_run
    ran = f"due work was last done at {last:%Y-%m-%d %H:%M:%S} UTC" if last else "no worker has run yet"
    return f"is right; {ran}"


def _jobs() -> str:
    health.require_jobs()
    return f"none of {len(INTERVALS)} fails"


def _disk() -> str:
    free = free_bytes()
    low = [f"{places()[name]} has {size >> 20} MB" for name, size in free.items() if size < MIN_FREE_BYTES[name]]
    if low:
        raise OSError("; ".join(low))
    return ", ".join(f"{name} has {size >> 20} MB" for name, size in free.items())


def _anchor() -> str:
    """Leave the probe if it cannot be deleted: an anchor may forbid that."""
    storage = anchor_storage()
    if not storage and not settings.TRAIL_ANCHOR_EMAIL:
        raise NothingToCheck("TRAIL_ANCHOR_URL is not set")
    if not storage:
        require_mail_server()
        return "is an email address, and the mail server answers"
    _write_and_read(storage)
    with suppress(Exception):
        storage.delete(PROBE)
    return f"{_kind_of(storage)}: a file was written and read"


def _backup() -> str:
    if not settings.BACKUP_URL:
        raise NothingToCheck("BACKUP_URL is not set")
    recipients = parse_recipients(settings.BACKUP_RECIPIENTS)
    place = find_place(None)
    place.require_usable()
    last = RecoveryRun.objects.filter(kind=RecoveryRun.Kind.BACKUP).first()
    made = f"the last one is of {last.succeeded_at:%Y-%m-%d %H:%M:%S} UTC" if last else "there is none yet"
    if last and last.damaged:
        raise RuntimeError(f"{made} and lacks {last.damaged} files, which are missing or damaged in the storage")
    encrypted = f"encrypted for {len(recipients)} keys" if recipients else "not encrypted"
    return f"{place.label} can be written; backups are {encrypted}; {made}"


SYSTEM_CHECKS = {
    "database": SystemCheck(_database, "Start PostgreSQL, or correct DATABASE_URL."),
    "migrations": SystemCheck(_migrations, "Run manage.py migrate."),
    "replica": SystemCheck(_replica, "Start it, or unset DATABASE_REPLICA_URL: then the primary is read."),
    "broker": SystemCheck(_broker, "Start Redis, or correct REDIS_URL. A full Redis refuses messages."),
    "storage": SystemCheck(
        _storage, "Create the folder or bucket of STORAGE_URL, and allow this process to read, write and delete in it."
    ),
    "mail": SystemCheck(_mail_server, "Start the mail server, or correct EMAIL_URL."),
    "timestamps": SystemCheck(_timestamp_server, "Correct SEAL_TSA_URL or SEAL_TSA_ROOTS, or call the provider."),
    "seal": SystemCheck(_seal, "See docs/sealing.md; manage.py check_seal shows more."),
    "clock": SystemCheck(_clock, "Set the clocks (NTP), and check that worker and clock run."),
    "jobs": SystemCheck(_jobs, "Correct the cause: the job is retried within minutes."),
    "disk": SystemCheck(_disk, "Free space, or enlarge the volume."),
    "backup": SystemCheck(
        _backup, "Correct BACKUP_URL or BACKUP_RECIPIENTS, or allow this process to read, write and delete there."
    ),
    "anchor": SystemCheck(_anchor, "Correct TRAIL_ANCHOR_URL, or allow this process to write there."),
}
"""Name → check, in the order in which they are reported."""
