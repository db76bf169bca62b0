"""The folder in which gunicorn's processes count together: a file of each kind for each, read as one by any of them.

gunicorn.conf.py names it in PROMETHEUS_MULTIPROC_DIR before anything imports prometheus_client, which looks there.
prometheus_client maps the files into memory, and writing to a mapped page for which the disk has no room ends a process
(SIGBUS). So each process allocates its files before it imports prometheus_client.
"""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_BYTES = {"counter": 1 << 16, "histogram": 1 << 22}
"""Kind of figures → size of a file. All routes with one method and status take 0.6 MB of histograms."""

log = logging.getLogger(__name__)


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


def join(path: Path) -> None:
    """Give this process its files: those of an ended process, which it counts on in, or new ones.

    So no figure is lost, and files do not pile up as workers come and go. A process for which there is no room counts
    for itself alone. Call before prometheus_client is imported.
    """
    try:
        with undisturbed(path):
            for kind, size in FILE_BYTES.items():
                own = path / f"{kind}_{os.getpid()}.db"
                if ended := next(filter(_has_ended, path.glob(f"{kind}_*.db")), None):
                    ended.rename(own)
                else:
                    _allocate(own, size)
    except OSError as error:
        log.error("this process counts for itself alone in /metrics: %s", error)
        del os.environ["PROMETHEUS_MULTIPROC_DIR"]


def _has_ended(file: Path) -> bool:
    return not Path(f"/proc/{file.stem.rsplit('_', 1)[1]}").exists()


def _allocate(own: Path, size: int) -> None:
    with own.open("ab") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            own.unlink()  # an empty file cannot be read
            raise
