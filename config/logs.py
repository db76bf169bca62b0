"""Logging: a JSON object a line, or readable lines in DEBUG, for all libraries.

No line holds a name, an address, a customer's text or a token. Exceptions are logged by class and place, since their
messages may quote rows. Code logs ids and numbers.
"""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from django.http import HttpRequest

FIRST = ("time", "level", "logger", "event")
ROOTS = re.compile(rf"^(.*/site-packages|{re.escape(str(Path(__file__).resolve().parent.parent))})/")
MAX_FRAMES = 25
QUOTING = ("Error handling request", "Invalid request from")
"""Prefixes of gunicorn's lines that quote a URL or header of the request."""
Line = MutableMapping[str, Any]


def logging_of(*, debug: bool) -> dict[str, Any]:
    """Return the setting LOGGING, and configure structlog to log through the standard library."""
    said: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*said, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    shown = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *(_plain() if debug else _json())]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"addresses": {"()": WithoutAddresses}},
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": said,
                "processors": shown,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["addresses"]}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
            "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
            "pikepdf": {"level": "WARNING"},
            "axes": {"level": "ERROR"},  # its warnings name people; request lines report 429
            "celery.app.trace": {"level": "CRITICAL"},  # config/task_log.py has a line for every task
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


def _plain() -> list[Any]:
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, timestamp_key="time"
    )
    return [console]


def _json() -> list[Any]:
    return [describe_exception, put_first, structlog.processors.JSONRenderer()]


class WithoutAddresses(logging.Filter):
    """Removes URLs, which may hold anything, from Django's and gunicorn's lines; the route stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            if record.name == "django.request" and not record.exc_info:
                return False  # the request line has it
            if record.args:
                record.args = (*tuple(record.args)[:-1], route_of(request))
        elif begun := next((begun for begun in QUOTING if str(record.msg).startswith(begun)), ""):
            record.msg, record.args = begun, ()
        return True


def route_of(request: HttpRequest) -> str:
    """Return the matched URL pattern, such as `/contracts/<str:number>/`; else `unknown`."""
    match = request.resolver_match
    return f"/{match.route}" if match else "unknown"


def put_first(logger: object, method: str, line: Line) -> Line:
    """Put the keys that every line has first."""
    return {**{name: line[name] for name in FIRST}, **line}


def describe_exception(logger: object, method: str, line: Line) -> Line:
    """Replace the exception by `exception`, its classes from last to first cause, and `frames`."""
    given = line.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        line["exception"] = " from ".join(map(_kind_of, _causes(error)))
        line["frames"] = list(_frames(error.__traceback__))[-MAX_FRAMES:]
    return line


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind_of(error: BaseException) -> str:
    """`UniqueViolation 23505 contract_number_key`, `PermissionError 13`, `RuntimeError`."""
    diag = getattr(error, "diag", None)
    more = (getattr(error, "sqlstate", None), getattr(diag, "constraint_name", None), getattr(error, "errno", None))
    return " ".join([type(error).__qualname__, *(str(part) for part in more if part)])


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback:
        code = traceback.tb_frame.f_code
        yield f"{ROOTS.sub('', code.co_filename)}:{traceback.tb_lineno} {code.co_name}"
        traceback = traceback.tb_next
