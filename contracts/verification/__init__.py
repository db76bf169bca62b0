"""A file or a code in, a verdict out: what anybody who holds a document may learn of it and of its contract."""

from contracts.verification.codes import verdict_of_code
from contracts.verification.files import MAX_SIZE, verdict_of_file
from contracts.verification.findings import Code, Finding
from contracts.verification.verdicts import Verdict

__all__ = ["MAX_SIZE", "Code", "Finding", "Verdict", "verdict_of_code", "verdict_of_file"]
