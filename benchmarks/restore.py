"""How long a backup, the next one, a restore and the comparison take.

    .venv/bin/python -m benchmarks.restore [contracts] [--encrypted] [--jobs N]

In a database and folders of its own, removed afterwards: the documents of 50,000 contracts take 6 GB, three times.
Contracts are copies of one draft, each with a file of its own. `verify_archive`, the other part of a drill, is
measured by benchmarks.archive.
"""

import argparse
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import pyrage  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.own_system import own_system  # noqa: E402
from contracts.documents import files as documents  # noqa: E402
from contracts.models import ContractDocument  # noqa: E402
from contracts.operations.backup import manifest  # noqa: E402
from contracts.operations.backup.making import COPIES_AT_ONCE, back_up  # noqa: E402
from contracts.operations.backup.places import find_place  # noqa: E402
from contracts.operations.backup.restoring import restore  # noqa: E402
from contracts.operations.backup.verifying import differences  # noqa: E402
from tests import factories  # noqa: E402
from tests.system.backups import empty_database  # noqa: E402
from tests.system.crowds import copies  # noqa: E402
from tests.tampering import guards_lifted  # noqa: E402

CONTRACTS = 2_000
ROWS_A_BATCH = 5_000


@contextmanager
def timed(what: str, count: int) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds = time.perf_counter() - started
    print(f"{what:<28} {seconds:>8.1f} s {count / seconds:>8.0f} contracts a second", flush=True)


def fill(count: int) -> None:
    factories.IssuerFactory()
    actor = factories.member()
    for made in range(0, count, ROWS_A_BATCH):
        first = factories.draft(actor, count=2)
        copies(first, min(ROWS_A_BATCH, count - made) - 1)
    content = documents.read(first.documents.get())
    with guards_lifted(), connection.cursor() as cursor:
        for pk in ContractDocument.objects.values_list("pk", flat=True):
            own = content + b"\n%%%d" % pk
            sha256 = hashlib.sha256(own).hexdigest()
            default_storage.save(documents.path_of(sha256), ContentFile(own))
            cursor.execute("UPDATE contracts_contractdocument SET sha256 = %s WHERE id = %s", [sha256, pk])


def measure(folder: Path, count: int, jobs: int, key: pyrage.x25519.Identity | None) -> None:
    with timed("(making them)", count):
        fill(count)
    place = find_place(str(folder / "backup"))
    with timed("first backup", count):
        back_up(place, now=timezone.now(), jobs=jobs)
    time.sleep(1)  # backups are named by their second
    with timed("the next, without new files", count):
        backup, copying = back_up(place, now=timezone.now(), jobs=jobs)
    print(f"{copying.files} files; {backup.manifest.dump_size >> 20} MB of dump, {'encrypted' if key else 'plain'}")
    options = {"location": str(folder / "restored"), "allow_overwrite": True}
    own = {"default": {"BACKEND": "common.storage.DurableFileSystemStorage", "OPTIONS": options}}
    with override_settings(STORAGES=own), empty_database(folder):
        backup = manifest.read(place, None)
        with timed("restore", count):
            assert restore(backup, now=timezone.now(), identities=[key] if key else [], jobs=jobs) == []
        with timed("comparison", count):
            assert list(differences(backup)) == []


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("contracts", type=int, nargs="?", default=CONTRACTS)
    parser.add_argument("--encrypted", action="store_true")
    parser.add_argument("--jobs", type=int, default=COPIES_AT_ONCE)
    options = parser.parse_args()
    key = pyrage.x25519.Identity.generate() if options.encrypted else None
    recipients = [str(key.to_public())] if key else []
    with own_system(sealing=True, BACKUP_RECIPIENTS=recipients) as folder:
        measure(folder, options.contracts, options.jobs, key)


if __name__ == "__main__":
    main()
