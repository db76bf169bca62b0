"""One line in the log for every request, its time for the metrics, and the id under which people may ask about it."""

import re
from collections.abc import Callable
from time import perf_counter
from uuid import uuid4

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject
from prometheus_client import Histogram
from structlog.contextvars import bind_contextvars, clear_contextvars

from common.errors import last_code
from common.metrics import REGISTRY
from config.logs import route_of

HEADER = "X-Request-Id"
SOUND = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""What ids of requests look like: UUIDs, ULIDs, hex. Others are replaced."""
PROBES = {"healthz", "readyz", "metrics"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REQUEST_SECONDS = Histogram(
    "ecc_request_seconds",
    "Time to answer, by method, route and status.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
log = structlog.get_logger("config.requests")


def request_log(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the first of all: what is logged meanwhile carries the id, and the answer does in X-Request-Id."""

    def answer(request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        clear_contextvars()
        last_code.set("")
        bind_contextvars(request_id=(request_id := _id_of(request)))
        response = get_response(request)
        response[HEADER] = request_id
        _note(request, response, seconds=perf_counter() - started)
        clear_contextvars()
        return response

    return answer


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    return given if SOUND.fullmatch(given) else uuid4().hex


def _note(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    match = request.resolver_match
    method = request.method if request.method in METHODS else "other"
    route = "static" if request.path_info.startswith(settings.STATIC_URL) else route_of(request)
    REQUEST_SECONDS.labels(method, route, response.status_code).observe(seconds)
    if match and match.url_name in PROBES:
        return
    facts = {
        "method": method,
        "route": route,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    if response.status_code >= 300 and (code := last_code.get()):
        facts["code"] = code
    if user := _user_id(request):
        facts["user"] = user
    (log.error if response.status_code >= 500 else log.info)("request", **facts)


def _user_id(request: HttpRequest) -> int | None:
    """Of who is known to have asked; nobody is looked up for it."""
    user = request.__dict__.get("user")
    if isinstance(user, LazyObject):
        user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)
