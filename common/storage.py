"""File system storage that flushes files to disk before a database row refers to them; and streams of any storage."""

import contextlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage


def open_stream(storage: Storage, name: str) -> "File[bytes]":
    """Open a stored file for reading once, without reading it into memory. Raises like the storage's `open`."""
    opened: File[bytes] = getattr(storage, "open_stream", storage.open)(name)
    return opened


class DurableFileSystemStorage(FileSystemStorage):
    """Write a temporary file, flush it to disk and rename it: after a power failure the file is complete or absent."""

    def _save(self, name: str, content: "File[Any]") -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            try:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(file.name).unlink()
                raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name
