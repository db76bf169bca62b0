"""Figures in files for which there is room, or in memory: no full disk ends a process that counts."""

import errno
import os
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict

from config import metric_files
from config.metric_files import ENDED, FIRST_BYTES, AllocatedDict, LastingDict

GONE = 4_194_305
"""Higher than any process id."""


@pytest.fixture
def folder(tmp_path) -> Path:
    metric_files.begin(tmp_path / "figures")
    return tmp_path / "figures"


@pytest.fixture
def full(monkeypatch):
    def allocate(*_given: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", allocate)


def stored(path: Path) -> dict[str, float]:
    return {key: value for key, value, *_ in MmapedDict.read_all_values_from_file(str(path))}


def counted(path: Path, **figures: float) -> None:
    kept = AllocatedDict(str(path))
    for key, value in figures.items():
        kept.write_value(key, value, 0.0)
    kept.close()


def test_a_file_that_grows_is_allocated_before_it_is_mapped(folder):
    figures = LastingDict(str(folder / "counter_1.db"))
    for number in range(1000):
        figures.write_value(f"{number}-{'x' * 100}", number, 0.0)
    figures.close()
    assert sum(stored(folder / "counter_1.db").values()) == sum(range(1000))
    allocated = (folder / "counter_1.db").stat()
    assert allocated.st_blocks * 512 >= allocated.st_size > FIRST_BYTES


def test_without_room_it_counts_in_memory_and_leaves_no_file(folder, full, caplog):
    figures = LastingDict(str(folder / "counter_1.db"))
    for number in range(1000):
        figures.write_value(f"{number}-{'x' * 100}", number, 0.0)
    assert figures.read_value(f"7-{'x' * 100}")[0] == 7
    assert sum(value for _key, value, _at in figures.read_all_values()) == sum(range(1000))
    assert list(folder.glob("*.db")) == []
    assert "is not in /metrics" in caplog.text
    figures.close()


def test_one_that_finds_no_more_room_goes_on_in_memory(folder, monkeypatch, request):
    figures = LastingDict(str(folder / "counter_1.db"))
    figures.write_value("first", 1.0, 0.0)
    request.getfixturevalue("full")
    for number in range(1000):
        figures.write_value(f"{number}-{'x' * 100}", number, 0.0)
    figures.write_value("first", 2.0, 0.0)
    assert figures.read_value("first")[0] == 2
    assert stored(folder / "counter_1.db")["first"] == 1  # what was counted by then


def test_what_ended_processes_counted_is_summed_up(folder):
    counted(folder / f"counter_{ENDED}.db", a=1.0)
    counted(folder / f"counter_{GONE}.db", a=2.0, b=3.0)
    counted(folder / f"counter_{os.getpid()}.db", a=4.0)
    metric_files.fold_ended(folder)
    assert stored(folder / f"counter_{ENDED}.db") == {"a": 3.0, "b": 3.0}
    assert {path.name for path in folder.glob("*.db")} == {f"counter_{ENDED}.db", f"counter_{os.getpid()}.db"}


def test_without_room_for_the_sum_the_files_stay(folder, full, request):
    with pytest.MonkeyPatch.context() as room:
        room.setattr(os, "posix_fallocate", lambda *_: None)
        counted(folder / f"counter_{GONE}.db", a=2.0)
    metric_files.fold_ended(folder)
    assert stored(folder / f"counter_{GONE}.db") == {"a": 2.0}


def test_without_the_folder_nothing_fails(tmp_path, caplog):
    (tmp_path / "file").touch()
    metric_files.begin(tmp_path / "file" / "figures")
    metric_files.fold_ended(tmp_path / "file" / "figures")
    assert caplog.text.count("figures") >= 2
