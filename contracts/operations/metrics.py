"""What processes count as they work, for Prometheus; config/metrics.py answers with it.

Every label has few values, all of them ours: no id of a row, nothing that a caller wrote.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

from common.errors import Refused

REGISTRY = CollectorRegistry()
CONVERSIONS = Counter(
    "ecc_conversions",
    "Attempts to convert a draft, by what came of them: official, the code of the refusal, or error.",
    ["outcome"],
    registry=REGISTRY,
)
SEAL_SECONDS = Histogram(
    "ecc_seal_seconds",
    "Time that setting a seal takes, with the timestamp server's.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
VERIFICATIONS = Counter(
    "ecc_verifications",
    "Verdicts given, by what was asked with (file, code) and the verdict: authentic, unknown, or the first finding.",
    ["by", "verdict"],
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "ecc_request_seconds",
    "Time to answer, by method, route and status.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)


@contextmanager
def counted_conversion() -> Iterator[None]:
    """Count what comes of the block."""
    outcome = "error"
    try:
        yield
        outcome = "official"
    except Refused as refused:
        outcome = refused.code
        raise
    finally:
        CONVERSIONS.labels(outcome).inc()
