"""Spans of traces. While tracing is off they cost nothing: OpenTelemetry is not even imported (config/tracing.py)."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Params = ParamSpec("Params")
Result = TypeVar("Result")
StartSpan = Callable[[str], AbstractContextManager[Any]]

_OFF: AbstractContextManager[None] = nullcontext()
_start_span: StartSpan | None = None


def set_tracer(start_span: StartSpan | None) -> None:
    """Let `span` call this from now on; None switches tracing off."""
    global _start_span  # noqa: PLW0603 - one tracer per process
    _start_span = start_span


def span(name: str) -> AbstractContextManager[Any]:
    """Return a context manager whose block is a span of the current trace. `name` holds no data."""
    return _start_span(name) if _start_span else _OFF


def traced(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """Make every call a span named after the function."""
    name = span_name(function)

    @wraps(function)
    def run(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        with span(name):
            return function(*args, **kwargs)

    return run


def span_name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
