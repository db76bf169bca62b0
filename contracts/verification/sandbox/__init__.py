"""Files from outside, read where they can do no harm: in a process with limits, which holds no key and no database.

`facts_of_foreign` is called; `reading` is what then happens in the process that `child` forks and limits, and which
`confinement` cuts off from files and other processes.
"""

from contracts.verification.sandbox.helper import Busy, facts_of_foreign
from contracts.verification.sandbox.reading import Facts, Problem, SignatureFacts

__all__ = ["Busy", "Facts", "Problem", "SignatureFacts", "facts_of_foreign"]
