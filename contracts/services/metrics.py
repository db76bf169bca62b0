"""Prometheus counter of conversions."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from prometheus_client import Counter

from common.errors import Refused
from common.metrics import REGISTRY
from contracts.models import Contract

CONVERSIONS = Counter(
    "ecc_conversions",
    "Attempts to convert a draft, by what came of them: official, the code of the refusal, or error. Not of tests.",
    ["outcome"],
    registry=REGISTRY,
)
for outcome in ("official", "error", "seal_unavailable", "storage_unavailable"):
    CONVERSIONS.labels(outcome)  # begins at 0, or Prometheus would not count the first one as an increase

Args = ParamSpec("Args")


def count_conversion(convert: Callable[Args, Contract]) -> Callable[Args, Contract]:
    """Count the outcome of `convert`, unless its keyword argument `contract` is of a test account (R48)."""

    @wraps(convert)
    def counting(*args: Args.args, **kwargs: Args.kwargs) -> Contract:
        outcome = "error"
        try:
            converted = convert(*args, **kwargs)
            outcome = "official"
            return converted
        except Refused as refused:
            outcome = refused.code
            raise
        finally:
            contract = kwargs["contract"]
            if not (isinstance(contract, Contract) and contract.is_test):
                CONVERSIONS.labels(outcome).inc()

    return counting
