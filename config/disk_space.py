"""Free space of the folders that this process writes to."""

import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

MIN_FREE_BYTES = {"data": 1 << 30, "files": 1 << 30, "temporary": 32 << 20}
"""What must be free, by place. Containers keep temporary files in memory, so that is small."""


def places() -> dict[str, Path]:
    """Return the folders by name: DATA_DIR, temporary files, and stored files unless they are in an object store."""
    found = {"data": settings.DATA_DIR, "temporary": Path(tempfile.gettempdir())}
    if isinstance(default_storage, FileSystemStorage):
        found["files"] = Path(default_storage.location)
    return found


def free_bytes() -> dict[str, int]:
    """Return the free bytes by place. Places that do not exist yet are left out."""
    return {name: shutil.disk_usage(path).free for name, path in places().items() if path.exists()}
