"""Official contracts that `verify_archive` checks in a second, with one process and with two.

    .venv/bin/python -m benchmarks.archive [contracts]

In a database, a storage and with a seal of its own. Every contract is a real one: drafted, sealed and stored.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402

from contracts.models import Contract  # noqa: E402
from contracts.trail.check_archive import check_contracts  # noqa: E402
from tests.factories import IssuerFactory, member, official  # noqa: E402

CONTRACTS = 200
PROCESSES = (1, 2)


def measure(count: int) -> None:
    IssuerFactory()
    actor = member()
    for _ in range(count):
        official(actor)
    ids = list(Contract.objects.order_by("pk").values_list("pk", flat=True))
    for processes in PROCESSES:
        started = time.perf_counter()
        done = list(check_contracts(ids, processes=processes))
        seconds = time.perf_counter() - started
        assert sum(checked.contracts for checked in done) == count
        assert not any(checked.defects for checked in done)
        print(f"{processes} process(es): {count / seconds:>6.0f} contracts a second", flush=True)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CONTRACTS
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = {"location": f"{folder}/files", "allow_overwrite": True}
            files = {"BACKEND": "common.storage.DurableFileSystemStorage", "OPTIONS": place}
            own = {"DATA_DIR": Path(folder), "SEAL_P12": f"{folder}/seal/seal.p12", "SEAL_P12_PASSPHRASE": ""}
            storages = {"default": files, "staticfiles": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
            with override_settings(**own, SEAL_ALLOW_TEST=True, SEAL_TSA_URL="", DEBUG=False, STORAGES=storages):
                call_command("init_seal", verbosity=0)
                measure(count)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
