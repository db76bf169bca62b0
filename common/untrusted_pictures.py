"""Draw pictures and PDFs from outside as JPEG, in a limited process of their own (common/picture_child.py)."""

import json
import logging
import os
import subprocess
import sys
import threading

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import Refused
from common.picture_child import WALL_SECONDS

log = logging.getLogger(__name__)

START_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from common.picture_child import main; main(int(sys.argv[2]))"
)
INHERITED_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Environment variables that the process inherits. Others may hold secrets."""
MAX_CONCURRENT_DRAWINGS = 2
"""Files drawn at once by one of our processes. Each takes memory and blocks a thread."""
SLOT_TIMEOUT_SECONDS = 10.0
JPEG_START = b"\xff\xd8\xff"

_slots = threading.BoundedSemaphore(MAX_CONCURRENT_DRAWINGS)


def draw_picture(content: bytes, *, width: int) -> bytes:
    """Return a PNG or JPEG picture, or the first page of a PDF, as JPEG up to `width` pixels wide.

    Raises Refused: `invalid` for a file that cannot be drawn within the limits, `throttled` while others are drawn.
    """
    if not _slots.acquire(timeout=SLOT_TIMEOUT_SECONDS):
        raise Refused("throttled", _("Other files are being drawn. Reload the page in a minute."))
    try:
        image = _draw(content, width)
    finally:
        _slots.release()
    if not image.startswith(JPEG_START):
        log.warning("a file of %d bytes could not be drawn within the limits", len(content))
        raise Refused("invalid", _("The file cannot be shown. Download it."))
    return image


def _draw(content: bytes, width: int) -> bytes:
    """Return what the process writes; nothing if it fails or takes too long."""
    path = json.dumps([str(settings.BASE_DIR), *filter(None, sys.path)])
    try:
        done = subprocess.run(  # noqa: S603 - no request data in the command
            [sys.executable, "-I", "-c", START_CODE, path, str(width)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ},
            timeout=WALL_SECONDS + 5,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout if done.returncode == 0 else b""
