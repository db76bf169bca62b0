"""Figures in files for which room is allocated, or in memory: no full disk ends a process that counts."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from config import metric_files
from config.metric_files import FILE_BYTES

COUNT = """
import sys
from pathlib import Path
from config import metric_files
metric_files.join(Path(sys.argv[1]))
from prometheus_client import CollectorRegistry, Counter, Histogram
registry = CollectorRegistry()
Counter("counted", "Figures", registry=registry).inc(float(sys.argv[2]))
Histogram("timed", "Seconds", registry=registry).observe(1)
print(registry.get_sample_value("counted_total"))
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    metric_files.begin(tmp_path / "figures")
    return tmp_path / "figures"


@pytest.fixture
def joined(folder, monkeypatch) -> Path:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    metric_files.join(folder)
    return folder


@pytest.fixture
def full(monkeypatch):
    def allocate(*_given: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", allocate)


def count(folder: Path, figure: float) -> float:
    """Count in a process of its own, which ends; return what it has counted, with what it took over."""
    command = [sys.executable, "-c", COUNT, str(folder), str(figure)]
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def total(folder: Path, name: str = "counted_total") -> float | None:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return registry.get_sample_value(name)


def own_files() -> set[str]:
    return {f"{kind}_{os.getpid()}.db" for kind in FILE_BYTES}


def test_files_are_allocated_before_they_are_mapped(joined):
    assert {file.name for file in joined.glob("*.db")} == own_files()
    for file in joined.glob("*.db"):
        assert file.stat().st_blocks * 512 >= file.stat().st_size == FILE_BYTES[file.stem.split("_")[0]]


def test_files_in_which_nothing_is_counted_yet_can_be_read(joined):
    assert total(joined) is None


def test_a_process_counts_on_in_the_files_of_one_that_ended(folder):
    assert [count(folder, figure) for figure in (1, 2, 4)] == [1, 3, 7]
    assert len(list(folder.glob("*.db"))) == len(FILE_BYTES)
    assert total(folder) == 7
    assert total(folder, "timed_count") == 3


def test_files_of_a_running_process_are_its_own(joined):
    count(joined, 2)
    assert own_files() < {file.name for file in joined.glob("*.db")}
    assert total(joined) == 2


def test_a_process_takes_over_files_without_any_room(folder, full, monkeypatch):
    count(folder, 2)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    metric_files.join(folder)
    assert {file.name for file in folder.glob("*.db")} == own_files()
    assert metric_files.folder() == folder


def test_without_room_it_counts_alone_and_leaves_no_file(folder, full, monkeypatch, caplog):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    metric_files.join(folder)
    assert metric_files.folder() is None
    assert list(folder.glob("*.db")) == []
    assert "for itself alone" in caplog.text


def test_without_the_folder_nothing_fails(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").touch()
    metric_files.begin(tmp_path / "file" / "figures")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "file" / "figures"))
    metric_files.join(tmp_path / "file" / "figures")
    assert metric_files.folder() is None
    assert "for itself alone" in caplog.text
