"""Prometheus counter of conversions."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter

from common.errors import Refused
from common.metrics import REGISTRY

CONVERSIONS = Counter(
    "ecc_conversions",
    "Attempts to convert a draft, by what came of them: official, the code of the refusal, or error.",
    ["outcome"],
    registry=REGISTRY,
)
for outcome in ("official", "error", "seal_unavailable", "storage_unavailable"):
    CONVERSIONS.labels(outcome)  # begins at 0, or Prometheus would not count the first one as an increase


@contextmanager
def count_conversion() -> Iterator[None]:
    """Count the outcome of the block."""
    outcome = "error"
    try:
        yield
        outcome = "official"
    except Refused as refused:
        outcome = refused.code
        raise
    finally:
        CONVERSIONS.labels(outcome).inc()
