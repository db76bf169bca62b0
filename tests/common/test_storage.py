"""A stored file is whole, or it is not there."""

import os

import pytest
from django.core.files.base import ContentFile

from common.storage import DurableFileSystemStorage


@pytest.fixture
def storage(tmp_path):
    return DurableFileSystemStorage(location=tmp_path, allow_overwrite=True)


def test_what_is_saved_is_read_back_and_nothing_else_is_left(storage, tmp_path):
    assert storage.save("documents/ab/abc.pdf", ContentFile(b"%PDF-1.7")) == "documents/ab/abc.pdf"
    assert (tmp_path / "documents/ab/abc.pdf").read_bytes() == b"%PDF-1.7"
    assert os.listdir(tmp_path / "documents/ab") == ["abc.pdf"]


def test_an_interrupted_write_leaves_the_old_file_and_no_half_of_the_new(storage, tmp_path, monkeypatch):
    storage.save("a.pdf", ContentFile(b"old"))

    def power_cut(descriptor):
        raise OSError("no power")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(OSError, match="no power"):
        storage.save("a.pdf", ContentFile(b"new"))
    assert (tmp_path / "a.pdf").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.pdf"]
