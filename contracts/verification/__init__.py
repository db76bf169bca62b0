"""A file or a code in, a verdict out: what anybody who holds a document may learn of it and of its contract."""

from prometheus_client import Counter

from common.metrics import REGISTRY
from contracts.verification import codes, files
from contracts.verification.files import MAX_SIZE
from contracts.verification.findings import Code, Finding
from contracts.verification.verdicts import Verdict

__all__ = ["MAX_SIZE", "Code", "Finding", "Verdict", "verdict_of_code", "verdict_of_file"]

VERIFICATIONS = Counter(
    "ecc_verifications",
    "Verdicts given, by what was asked with (file, code) and the verdict: authentic, unknown, or the first finding.",
    ["by", "verdict"],
    registry=REGISTRY,
)


def verdict_of_code(text: str) -> Verdict | None:
    """As codes.verdict_of_code, counted."""
    return _counted("code", codes.verdict_of_code(text))


def verdict_of_file(content: bytes) -> Verdict:
    """As files.verdict_of_file, counted."""
    verdict = files.verdict_of_file(content)
    _counted("file", verdict)
    return verdict


def _counted(by: str, verdict: Verdict | None) -> Verdict | None:
    said = "unknown" if verdict is None else "authentic" if verdict.authentic else verdict.findings[0].code
    VERIFICATIONS.labels(by, said).inc()
    return verdict
