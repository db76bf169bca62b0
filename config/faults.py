"""Errors of the API as problem details (RFC 9457), and what is answered where nobody foresaw the fault."""

import logging
import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views import defaults

from billing.errors import DATABASE_AWAY, RETRY_AFTER, last_code
from billing.way_back import way_back
from contracts.api.problems import MEDIA_TYPE, problem, request_id
from contracts.middleware import unavailable

log = logging.getLogger(__name__)

NOT_ANSWERED = gettext_lazy("The request is not one that this server answers.")
NO_DATABASE = gettext_lazy("The database is not available at the moment. Try again shortly.")


def is_call(request: HttpRequest) -> bool:
    """Whether a program asks: it gets problem details, where people get a page."""
    return request.path_info.startswith("/api/")


def answer(status: int, code: str, detail: str) -> JsonResponse:
    """A problem for what no view of the API has seen."""
    last_code.set(code)
    headers = {"Retry-After": str(RETRY_AFTER[code])} if code in RETRY_AFTER else None
    return JsonResponse(problem(status, code, detail), status=status, headers=headers, content_type=MEDIA_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: what it refuses itself, such as a host that is not ours."""
    if not is_call(request):
        return defaults.bad_request(request, exception)
    with override(get_language_from_request(request)):
        return answer(HTTPStatus.BAD_REQUEST, "invalid", str(NOT_ANSWERED))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page that leads back to the form, whose token is fresh there."""
    return render(request, "403_csrf.html", {"back": way_back(request)}, status=HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: no details, but the id under which the log has them. Asks nothing of the database.

    A database that is lost in a middleware, such as the one that saves the session after the view, is answered here
    with 503: what a middleware raises reaches no `process_exception`.
    """
    error = sys.exception()
    if isinstance(error, DATABASE_AWAY):
        return _database_away(request, error)
    if is_call(request):
        detail = _("The fault is ours. It has been recorded; send the request again, or tell us its request_id.")
        return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail)
    return HttpResponse(render_to_string("500.html", {"request_id": request_id()}), status=500)


def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    if not is_call(request):
        return unavailable(error)
    log.error("database not available: %s", error)
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, "database_unavailable", str(NO_DATABASE))
