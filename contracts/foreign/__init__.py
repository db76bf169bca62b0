"""Files from outside, read where they can do no harm: in a process with limits, which holds no key and no database.

`facts_of_foreign` is called; `reading` is what then happens in the process that `child` forks and limits.
"""

from contracts.foreign.helper import facts_of_foreign
from contracts.foreign.reading import Facts, Problem, SignatureFacts

__all__ = ["Facts", "Problem", "SignatureFacts", "facts_of_foreign"]
