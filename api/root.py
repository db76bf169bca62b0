"""Root of the API. Every error is problem details (RFC 9457)."""

import logging
from collections.abc import Sequence
from threading import Lock
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, include, path, re_path, resolve
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler, set_rollback

from api.parsing import faults_of
from api.problems import MEDIA_TYPE, NO_DATABASE, NOT_ANSWERED, problem
from common.errors import DATABASE_UNAVAILABLE_ERRORS, RETRY_AFTER, Fault, Refused, last_code

log = logging.getLogger(__name__)

CODE_OF_STATUS = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_media_type",
    429: "throttled",
}


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to an error raised in a view; None, which becomes a 500, for an unexpected one."""
    error = _refusal_of(error)
    context["request"].accepted_renderer = JSONRenderer()  # whatever the view itself answers with
    context["request"].accepted_media_type = MEDIA_TYPE
    if isinstance(error, Refused):
        set_rollback()
        answer = _problem(error.status, error.code, error.detail, error.faults)
        for name, value in error.headers.items():
            answer.headers[name] = value
        return answer
    response = exception_handler(error, context)
    if response is None:
        return None
    code = CODE_OF_STATUS.get(response.status_code, "invalid")
    about = list(faults_of(error.detail)) if isinstance(error, exceptions.ValidationError) else []
    detail = about[0].detail if about else str(response.data.get("detail", ""))
    answer = _problem(response.status_code, code, detail, about)
    for header in ("WWW-Authenticate", "Retry-After"):  # set by DRF before
        if header in response.headers:
            answer.headers[header] = response.headers[header]
    return answer


def _refusal_of(error: Exception) -> Exception:
    """Convert a Django error about the request to Refused or a DRF error."""
    if isinstance(error, TransitionNotAllowed):
        return Refused("transition_not_allowed", _("The contract's status does not allow this."))
    if isinstance(error, RequestDataTooBig):
        return Refused("too_large", _("The body is too large."))
    if isinstance(error, SuspiciousOperation):
        return Refused("invalid", str(NOT_ANSWERED))
    if isinstance(error, DATABASE_UNAVAILABLE_ERRORS):
        log.error("database not available: %s", error)
        return Refused("database_unavailable", str(NO_DATABASE))
    if isinstance(error, Http404):
        return exceptions.NotFound()  # Django's sentence names a model, in English
    return error


def _problem(status: int, code: str, detail: str, about: Sequence[Fault]) -> Response:
    last_code.set(code)
    body = problem(status, code, detail, about)
    headers = {"Retry-After": str(RETRY_AFTER[code])} if code in RETRY_AFTER else None
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


@extend_schema(exclude=True)
class Unknown(APIView):
    """Answers unknown API paths with a problem, for every method.

    GET of a path that lacks only its trailing slash redirects, as Django's APPEND_SLASH does.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    http_method_names: list[str] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not _lacks_slash(request.path_info):
            raise exceptions.NotFound
        if request.method not in ("GET", "HEAD"):
            raise exceptions.NotFound(_("There is no such URL. Every URL ends with a slash (/)."))

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        return HttpResponsePermanentRedirect(request._request.get_full_path(force_append_slash=True))


def _lacks_slash(path: str) -> bool:
    """Return True if the path with a trailing slash is one of the API."""
    if path.endswith("/"):
        return False
    try:
        return getattr(resolve(path + "/").func, "cls", Unknown) is not Unknown
    except Resolver404:
        return False


class SchemaView(SpectacularJSONAPIView):
    """Serves the schema under a lock: drf-spectacular loads its extensions while it works and is not thread-safe."""

    generating = Lock()

    def _get_schema_response(self, request: Request) -> Response:
        with self.generating:
            return super()._get_schema_response(request)  # type: ignore[no-untyped-call]


urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="api_docs.html"),
        name="api-docs",
    ),
    path("", include("api.urls")),
    re_path("", Unknown.as_view()),  # whatever it is, a line break in it too
]
