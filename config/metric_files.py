"""The folder in which gunicorn's processes count together: a file for each, read as one by whichever is asked.

gunicorn.conf.py names it in PROMETHEUS_MULTIPROC_DIR before anything imports prometheus_client, which looks there.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

ENDED = 0
"""No process has this id: the files under it hold what those counted that have ended."""
KINDS = ("counter", "histogram")


def folder() -> Path | None:
    """None in a process that counts for itself alone."""
    named = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(named) if named else None


def begin(path: Path) -> None:
    """An empty folder: figures begin with the master process."""
    end(path)
    path.mkdir(parents=True)


def end(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def undisturbed(path: Path) -> Iterator[None]:
    """While the block lasts, no figure is in two files or in none."""
    with (path / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fold(path: Path, pid: int) -> None:
    """Add what the ended process counted to that of those before: files do not pile up as workers come and go."""
    with undisturbed(path):
        for kind in KINDS:
            own = path / f"{kind}_{pid}.db"
            if own.exists():
                _add(own, path / f"{kind}_{ENDED}.db")
                own.unlink()


def _add(own: Path, total: Path) -> None:
    sums = MmapedDict(str(total))  # type: ignore[no-untyped-call]
    for key, value, at, _ in MmapedDict.read_all_values_from_file(str(own)):  # type: ignore[no-untyped-call]
        before, _at = sums.read_value(key)  # type: ignore[no-untyped-call]
        sums.write_value(key, before + value, at)  # type: ignore[no-untyped-call]
    sums.close()  # type: ignore[no-untyped-call]
