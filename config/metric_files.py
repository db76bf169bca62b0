"""The folder in which gunicorn's processes count together: a file for each, read as one by whichever is asked.

gunicorn.conf.py names it in PROMETHEUS_MULTIPROC_DIR before anything imports prometheus_client, which looks there.
Files are mapped into memory, and writing to a mapped page for which the disk has no room ends a process (SIGBUS). So
room is allocated before a file is mapped, and a process that gets none counts for itself alone.
"""

import fcntl
import logging
import mmap
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

ENDED = 0
"""No process has this id: the files under it hold what those counted that have ended."""
KINDS = ("counter", "histogram")
FIRST_BYTES = 1 << 16

log = logging.getLogger(__name__)


class AllocatedDict(MmapedDict):
    """prometheus_client's figures in a file, for which there is room. Raises OSError where there is none."""

    _m: Any
    _f: Any

    def __init__(self, filename: str) -> None:
        with Path(filename).open("ab") as file:
            size = os.fstat(file.fileno()).st_size
            try:
                os.posix_fallocate(file.fileno(), 0, max(size, FIRST_BYTES))
            except OSError:
                if not size:
                    Path(filename).unlink()  # nobody can read an empty one
                raise
        super().__init__(filename)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        needed = self._used + len(key.encode()) + 32  # its length, padding and two doubles
        while needed > self._capacity:
            self._grow()
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _grow(self) -> None:
        os.posix_fallocate(self._f.fileno(), 0, self._capacity * 2)
        self._capacity *= 2
        self._m = mmap.mmap(self._f.fileno(), self._capacity)


class LastingDict(AllocatedDict):
    """Figures of a process that goes on without its file, in memory, where there is no room for it."""

    def __init__(self, filename: str) -> None:
        try:
            super().__init__(filename)
        except OSError as error:
            log.error("what this process counts is not in /metrics: %s", error)
            self._f, self._fname, self._positions = None, filename, {}
            self._capacity, self._used = FIRST_BYTES, 8
            self._m = bytearray(FIRST_BYTES)

    def _grow(self) -> None:
        if self._f is not None:
            try:
                super()._grow()
            except OSError as error:
                log.error("what this process counts from now on is not in /metrics: %s", error)
                self._m = bytearray(self._m)
                self._f.close()
                self._f = None
            else:
                return
        self._m.extend(bytes(self._capacity))
        self._capacity *= 2


values.MmapedDict = LastingDict  # type: ignore[assignment,attr-defined]  # there is no other way to choose it


def folder() -> Path | None:
    """None in a process that counts for itself alone."""
    named = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(named) if named else None


def begin(path: Path) -> None:
    """An empty folder: figures begin with the master process. Without one, each process counts for itself alone."""
    end(path)
    try:
        path.mkdir(parents=True)
        (path / "lock").touch()
    except OSError as error:
        log.error("there are no figures in /metrics: %s", error)


def end(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def undisturbed(path: Path) -> Iterator[None]:
    """While the block lasts, no figure is in two files or in none. Raises OSError where the folder is missing."""
    with (path / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fold_ended(path: Path) -> None:
    """Add what ended processes counted to that of those before: files do not pile up as workers come and go.

    Where there is no room for the sum, the files stay, and /metrics reads them all the same.
    """
    try:
        with undisturbed(path):
            for own in [own for kind in KINDS for own in path.glob(f"{kind}_*.db") if _has_ended(own)]:
                _add(own, path / f"{own.stem.split('_')[0]}_{ENDED}.db")
                own.unlink()
    except OSError as error:
        log.error("figures of ended processes were not summed up: %s", error)


def _has_ended(file: Path) -> bool:
    pid = int(file.stem.rsplit("_", 1)[1])
    return pid != ENDED and not Path(f"/proc/{pid}").exists()


def _add(own: Path, total: Path) -> None:
    """Room for all of it is allocated first: a sum that breaks off would count twice."""
    sums = AllocatedDict(str(total))
    figures = list(MmapedDict.read_all_values_from_file(str(own)))  # type: ignore[no-untyped-call]
    try:
        for key, *_ in figures:
            sums.read_value(key)  # type: ignore[no-untyped-call]
        for key, value, at, _ in figures:
            before, _at = sums.read_value(key)  # type: ignore[no-untyped-call]
            sums.write_value(key, before + value, at)  # type: ignore[no-untyped-call]
    finally:
        sums.close()  # type: ignore[no-untyped-call]
