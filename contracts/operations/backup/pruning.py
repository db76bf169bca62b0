"""Delete a place's older backups, and the files that only these had."""

from contracts.operations.backup.manifest import FILES, MANIFEST, backups_in, read
from contracts.operations.backup.places import Place


def delete_older(place: Place, *, keep: int) -> int:
    """Keep the newest `keep` backups, at least 1. Return the number of backups deleted. The caller holds the lock.

    A backup loses its manifest first: after an interruption it is none, and the next run deletes what is left of it.
    """
    older = backups_in(place)[:-keep]
    for name in older:
        place.delete(f"{name}/{MANIFEST}")
        place.delete_tree(name)
    kept_backups = [read(place, name) for name in backups_in(place)]
    kept = {backup.file(path) for backup in kept_backups for path, _ in backup.listed()}
    for name in list(place.walk(f"{FILES}/")):
        if name not in kept:
            place.delete(name)
    return len(older)
