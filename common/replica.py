"""Read lists and exports from a read-only replica, if there is one (docs/decisions/0045).

A replica is a moment behind. Who has just changed something reads from the primary, as does everybody while the
replica does not answer. Rules are always checked on the primary.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.db import OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

from common.circuit_breaker import CircuitBreaker
from common.errors import DATABASE_UNAVAILABLE_ERRORS

ALIAS = "replica"
CHANGED_COOKIE = "changed"
"""Cookie of a browser that has just changed something."""
CHANGED_SECONDS = 15
"""How long it reads from the primary: longer than a replica is behind."""
LAG = """
    SELECT EXISTS (SELECT FROM pg_stat_wal_receiver),
           CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float END
"""

Rest = ParamSpec("Rest")
Answer = TypeVar("Answer", bound=HttpResponseBase)
log = logging.getLogger(__name__)
_reads_replica: ContextVar[bool] = ContextVar("reads_replica", default=False)
_breaker = CircuitBreaker("replica")


class ReplicaRouter:
    """Sends reads of the blocks below to the replica, and all else to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return ALIAS if _reads_replica.get() else "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


@contextmanager
def read_from_replica() -> Iterator[None]:
    """In the block, read from the replica if there is one and it answers."""
    token = _reads_replica.set(ALIAS in settings.DATABASES and _answers())
    try:
        yield
    finally:
        _reads_replica.reset(token)


def reads_replica(
    view: Callable[Concatenate[HttpRequest, Rest], Answer],
) -> Callable[Concatenate[HttpRequest, Rest], Answer]:
    """Decorate a view that only reads. Who has just changed something sees it at once."""

    @wraps(view)
    def read(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> Answer:
        if CHANGED_COOKIE in request.COOKIES:
            return view(request, *args, **kwargs)
        with read_from_replica():
            answer = view(request, *args, **kwargs)
            if isinstance(answer, SimpleTemplateResponse):
                answer.render()  # it reads the rows
            return answer

    return cast("Callable[Concatenate[HttpRequest, Rest], Answer]", read)


def note_change(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: note in a cookie that this browser changed something."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and request.COOKIES and ALIAS in settings.DATABASES:
            response.set_cookie(
                CHANGED_COOKIE,
                "1",
                max_age=CHANGED_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    return answer


def get_lag_seconds() -> float | None:
    """Return how many seconds the replica is behind; None without one.

    Raises DATABASE_UNAVAILABLE_ERRORS, also if it receives nothing from the primary.
    """
    if ALIAS not in settings.DATABASES:
        return None
    with _breaker.call(), connections[ALIAS].cursor() as cursor:
        cursor.execute(LAG)
        follows, seconds = cursor.fetchone()
    if not follows:
        raise OperationalError("the replica receives nothing from the primary")
    return float(seconds or 0)


def _answers() -> bool:
    connection = connections[ALIAS]
    try:
        with _breaker.call():
            connection.close_if_health_check_failed()
            connection.ensure_connection()
    except (*DATABASE_UNAVAILABLE_ERRORS, OSError) as error:
        log.error("the replica does not answer, so the primary is read: %s", error)
        return False
    return True
