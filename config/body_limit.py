"""Refuse request bodies that are too large before anything reads them."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from api.problems import request_id
from common.errors import last_code
from common.request_bodies import discard_body, get_content_length
from config import error_pages as faults

VERIFYING = "/verify/"
"""Accepts larger files and has its own limit (contracts/verification/uploads.py)."""


def body_limit(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: limit forms with their files, which Django's own limit excludes. The API's parsers have their own.

    A body without Content-Length counts as empty, here and in Django.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        own_limit = faults.is_call(request) or request.path_info == VERIFYING
        if own_limit or get_content_length(request) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return get_response(request)
        discard_body(request)  # or browsers would show no response
        with translation.override(translation.get_language_from_request(request)):
            return _too_large()

    return answer


def _too_large() -> HttpResponse:
    last_code.set("too_large")
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
    detail = _("A request can be at most %(megabytes)d MB, including files. Nothing was changed.") % {
        "megabytes": megabytes
    }
    return HttpResponse(render_to_string("413.html", {"detail": detail, "request_id": request_id()}), status=413)
