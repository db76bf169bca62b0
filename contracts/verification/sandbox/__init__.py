"""Read untrusted files in a limited process that has no key and no database.

`read_in_sandbox` is the entry point. `child` forks and limits a process for each file, `common.confinement` cuts it off
from files and other processes, and `reading` reads the file there.
"""

from contracts.verification.sandbox.helper import Busy, read_in_sandbox
from contracts.verification.sandbox.reading import Facts, Problem, SignatureFacts

__all__ = ["Busy", "Facts", "Problem", "SignatureFacts", "read_in_sandbox"]
