"""Responses to errors that no view handles: pages for people, problem details (RFC 9457) for API clients."""

import logging
import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _
from django.views import defaults

from api.problems import MEDIA_TYPE, NO_DATABASE, NOT_ANSWERED, problem, request_id
from common.errors import DATABASE_UNAVAILABLE_ERRORS, RETRY_AFTER, last_code
from common.previous_page import get_return_url
from config.refusals import unavailable

log = logging.getLogger(__name__)


def is_call(request: HttpRequest) -> bool:
    """Return True for API requests, which get problem details instead of a page."""
    return request.path_info.startswith("/api/")


def answer(status: int, code: str, detail: str) -> JsonResponse:
    """Return a problem for a request that reached no API view."""
    last_code.set(code)
    headers = {"Retry-After": str(RETRY_AFTER[code])} if code in RETRY_AFTER else None
    return JsonResponse(problem(status, code, detail), status=status, headers=headers, content_type=MEDIA_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400, for requests that Django itself refuses, such as an unknown host."""
    if not is_call(request):
        return defaults.bad_request(request, exception)
    with override(get_language_from_request(request)):
        return answer(HTTPStatus.BAD_REQUEST, "invalid", str(NOT_ANSWERED))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return a page that links back to the form, which then has a fresh token."""
    return render(request, "403_csrf.html", {"back": get_return_url(request)}, status=HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: the request id instead of details. Makes no query.

    A database that is lost in a middleware, such as the one that saves the session, gets 503 here: exceptions of
    middlewares do not reach `process_exception`.
    """
    error = sys.exception()
    if isinstance(error, DATABASE_UNAVAILABLE_ERRORS):
        return _database_away(request, error)
    if is_call(request):
        detail = _(
            "This is an error on our side and has been logged."
            " Send the request again, or contact us with its request_id."
        )
        return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail)
    return HttpResponse(render_to_string("500.html", {"request_id": request_id()}), status=500)


def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    if not is_call(request):
        return unavailable(error)
    log.error("database not available: %s", error)
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, "database_unavailable", str(NO_DATABASE))
