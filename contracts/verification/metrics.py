"""Prometheus counter of verdicts."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from prometheus_client import Counter

from common.metrics import REGISTRY
from contracts.verification.verdicts import Verdict

VERIFICATIONS = Counter(
    "ecc_verifications",
    "Verdicts by input (file, code) and result: authentic, unknown, or the first finding.",
    ["by", "verdict"],
    registry=REGISTRY,
)
Args = ParamSpec("Args")
Answer = TypeVar("Answer", bound=Verdict | None)


def counted(by: str) -> Callable[[Callable[Args, Answer]], Callable[Args, Answer]]:
    """Count each verdict that the function returns under `by`: "file" or "code"."""

    def decorate(judge: Callable[Args, Answer]) -> Callable[Args, Answer]:
        @wraps(judge)
        def counting(*args: Args.args, **kwargs: Args.kwargs) -> Answer:
            verdict = judge(*args, **kwargs)
            VERIFICATIONS.labels(by, _outcome(verdict)).inc()
            return verdict

        return counting

    return decorate


def _outcome(verdict: Verdict | None) -> str:
    if verdict is None:
        return "unknown"
    return "authentic" if verdict.authentic else verdict.findings[0].code
