"""Write all vectors into a folder: `python -m tests.contracts.vectors.make FOLDER`.

Makes a database, a storage and a test seal of its own; the running system's are not touched. `vectors.json` beside the
files says what each is, its SHA-256, and the verdict that it must get. Our verdict trusts `ca.pem`, `former-ca.pem`,
`earlier-seals.pem`, `tsa.pem` and `seals.crl`, which are there too.
"""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import django
import time_machine

if TYPE_CHECKING:
    from tests.contracts.vectors.kit import Kit
    from tests.contracts.vectors.vector import Vector


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _system(Path(folder)) as data:
        from tests.contracts.vectors.keys import OurAuthority
        from tests.contracts.vectors.kit import make_kit
        from tests.contracts.vectors.vector import Vector

        kit = make_kit(OurAuthority.in_folder(data / "seal"))
        count = write_vectors(target, kit, partial(Vector.build, kit=kit))
    print(f"{count} vectors written to {target}")  # noqa: T201


def write_vectors(target: Path, kit: "Kit", content_of: Callable[["Vector"], bytes]) -> int:
    """Write every vector, built from `kit`, and what verifies them. Return how many."""
    from tests.contracts.vectors.vector import all_vectors

    kit.ours.write_trust(target)
    vectors = all_vectors()
    described = []
    for vector in vectors:
        content = content_of(vector)
        (target / f"{vector.name}.pdf").write_bytes(content)
        described.append(
            {
                "name": vector.name,
                "family": vector.family,
                "what": vector.what,
                "sha256": hashlib.sha256(content).hexdigest(),
                "asked_at": vector.asked.isoformat(),
                "authentic": vector.authentic,
                "findings": sorted(vector.findings),
                "status": vector.status,
                "number": kit[vector.number].number if vector.number else None,
                "pyhanko": vector.pyhanko,
                "pdfsig": vector.pdfsig,
                "because": vector.because,
            }
        )
    (target / "vectors.json").write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n")
    return len(vectors)


@contextmanager
def _system(folder: Path) -> Iterator[Path]:
    """Django on an empty database in `folder`, with a storage and a test seal there."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'vectors.sqlite3'}",
        "STORAGE_URL": (folder / "files").as_uri(),
        "SEAL_P12": str(folder / "seal" / "seal.p12"),
        "SEAL_P12_PASSPHRASE": "",
        "SEAL_ALLOW_TEST": "true",
        "SEAL_TSA_URL": "",
        "REDIS_URL": "",
    }
    django.setup()
    from django.core.management import call_command

    from tests.conftest import SEAL_MADE_AT

    call_command("migrate", verbosity=0)
    with time_machine.travel(SEAL_MADE_AT):
        call_command("init_seal", verbosity=0)
    yield folder


if __name__ == "__main__":
    main()
