"""Delete a folder's older backups, and the files that only these had."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from contracts.operations.backup.manifest import FILES, LIST, MANIFEST, sets_in


def delete_older(folder: Path, *, keep: int) -> int:
    """Keep the newest `keep` backups, at least 1. Return the number of backups deleted. The caller holds the lock.

    A backup loses its manifest first: after an interruption it is none, and the next run deletes what is left of it.
    """
    older = sets_in(folder)[:-keep]
    for own in older:
        (own / MANIFEST).unlink()
        shutil.rmtree(own)
    kept = {path for own in sets_in(folder) for path in _listed(own)}
    for file in (folder / FILES).rglob("*"):
        if file.is_file() and str(file.relative_to(folder / FILES)) not in kept:
            file.unlink()
    return len(older)


def _listed(own: Path) -> Iterator[str]:
    with (own / LIST).open() as lines:
        for line in lines:
            yield line.rstrip("\n").split("  ", 1)[1]
