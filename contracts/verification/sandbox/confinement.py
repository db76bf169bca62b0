"""Landlock: the kernel's own refusal of files, network and other processes, for good (Linux 5.13 and later).

Python's audit hook (child.py) stops Python code. Landlock stops machine code too, which a hole in a parser written in C
would run. See landlock(7) and https://docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import os
import sys
import sysconfig
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls; the same on every architecture that Python is built for."""
ASK_VERSION = 1
PATH_BENEATH = 1
NO_NEW_PRIVILEGES = 38
READ_FILE, READ_DIRECTORY = 1 << 2, 1 << 3
SIZE_OF_ATTRIBUTES = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}
"""Bytes of `_Ruleset` that each version of the interface knows; later ones know all."""
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Rights on files that each version knows, from bit 0; later ones know 16."""
PACKAGES = ("common", "jobs", "emails", "accounts", "webhooks", "billing", "orders", "contracts", "api", "config")
"""Our own code. The folder around it may hold data and a .env file."""


class _Ruleset(ctypes.Structure):
    """What is refused: rights on files, rights on TCP, and reaching out by sockets and signals."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    """What is allowed again below one folder."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def landlock_version() -> int:
    """Return the version of the kernel's interface; 0 where it has none, or where a container forbids it."""
    if sys.platform != "linux":
        return 0
    return max(0, _kernel().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(ASK_VERSION)))


def code_folders() -> list[str]:
    """The folders of Python, its libraries and our packages, from which a module may be imported late."""
    root = Path(__file__).resolve().parents[3]
    python = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders = [*sorted(python), *(str(root / name) for name in PACKAGES)]
    return [folder for folder in folders if Path(folder).is_dir()]


def confine() -> bool:
    """Take from this process all files but reading code, TCP, and signals and abstract sockets to other processes.

    Other processes cannot be traced either, nor their memory and environment be read under /proc. What is open stays
    open. Return False, with nothing taken, where the kernel lacks Landlock. Raises OSError.
    """
    version = landlock_version()
    if not version:
        return False
    refused = _Ruleset((1 << FILE_RIGHTS.get(version, 16)) - 1, 0b11, 0b11)
    size = ctypes.c_size_t(SIZE_OF_ATTRIBUTES.get(version, ctypes.sizeof(refused)))
    ruleset = _called(CREATE_RULESET, ctypes.byref(refused), size, ctypes.c_uint32(0))
    for path in code_folders():
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = _Beneath(READ_FILE | READ_DIRECTORY, folder)
        _called(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(allowed), ctypes.c_uint32(0))
        os.close(folder)
    if _kernel().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    _called(RESTRICT_SELF, ruleset, ctypes.c_uint32(0))
    os.close(ruleset)
    return True


def _kernel() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _called(number: int, *given: object) -> int:
    """Make the system call. Raises OSError."""
    result: int = _kernel().syscall(number, *given)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock")
    return result
