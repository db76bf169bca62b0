"""Landlock: the kernel refuses files, network and other processes, irrevocably (Linux 5.13 and later).

Python's audit hooks only stop Python code. Landlock also stops machine code, which a vulnerability in a C
parser could run. See landlock(7) and https://docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import os
import sys
import sysconfig
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""System call numbers, the same on every architecture that Python supports."""
VERSION_FLAG = 1
PATH_BENEATH = 1
NO_NEW_PRIVILEGES = 38
READ_FILE, READ_DIRECTORY = 1 << 2, 1 << 3
RULESET_BYTES = {1: 8, 2: 8, 3: 8, 4: 16, 5: 16}
"""Bytes of `_Ruleset` known to each ABI version; later versions know all."""
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Number of file access rights in each ABI version, from bit 0; later versions have 16."""


class _Ruleset(ctypes.Structure):
    """What to refuse: file access, TCP, and sockets and signals to other processes."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    """An exception: what to allow below one folder."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def landlock_version() -> int:
    """Return the ABI version of Landlock; 0 if the kernel lacks it or a container forbids it."""
    if sys.platform != "linux":
        return 0
    return max(0, _kernel().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION_FLAG)))


def code_folders() -> list[str]:
    """Return the folders of Python, its libraries and our packages. Modules may be imported late from them.

    Our packages are listed one by one, because the folder that holds them may also hold data and a .env file.
    """
    root = Path(__file__).resolve().parents[1]
    python = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders = [*sorted(python), *(str(module.parent) for module in sorted(root.glob("*/__init__.py")))]
    return [folder for folder in folders if Path(folder).is_dir()]


def confine() -> bool:
    """Deny this process all files except reading code, TCP, and signals and abstract sockets to other processes.

    It can no longer trace other processes or read their memory and environment in /proc. Open files stay open. Return
    False, with nothing denied, if the kernel lacks Landlock. Raises OSError.
    """
    version = landlock_version()
    if not version:
        return False
    refused = _Ruleset((1 << FILE_RIGHTS.get(version, 16)) - 1, 0b11, 0b11)
    size = ctypes.c_size_t(RULESET_BYTES.get(version, ctypes.sizeof(refused)))
    ruleset = _syscall(CREATE_RULESET, ctypes.byref(refused), size, ctypes.c_uint32(0))
    for path in code_folders():
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = _Beneath(READ_FILE | READ_DIRECTORY, folder)
        _syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(allowed), ctypes.c_uint32(0))
        os.close(folder)
    if _kernel().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    _syscall(RESTRICT_SELF, ruleset, ctypes.c_uint32(0))
    os.close(ruleset)
    return True


def _kernel() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *args: object) -> int:
    """Make the system call. Raises OSError."""
    result: int = _kernel().syscall(number, *args)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock")
    return result
