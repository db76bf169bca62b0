"""What benchmarks work on: a database, files and, where they seal, a key of their own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import override_settings

from contracts.sealing.embedded import make_test_seal


@contextmanager
def own_system(*, sealing: bool = False, **settings: Any) -> Iterator[Path]:
    """An empty, migrated test database and a folder, in which the documents are kept; all of it goes afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = {"location": str(folder / "files"), "allow_overwrite": True}
        files = {"BACKEND": "common.storage.DurableFileSystemStorage", "OPTIONS": place}
        own: dict[str, Any] = {"DEBUG": False, "STORAGES": {"default": files}, **settings}
        if sealing:
            seal = make_test_seal(folder / "seal", name="Fir & Oak Cloud", passphrase="").path
            own |= {"SEAL_P12": str(seal), "SEAL_P12_PASSPHRASE": "", "SEAL_ALLOW_TEST": True, "SEAL_TSA_URL": ""}
        with override_settings(**own):
            database = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            try:
                yield folder
            finally:
                connection.creation.destroy_test_db(database, verbosity=0)
