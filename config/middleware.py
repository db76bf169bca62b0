"""Middleware for all pages and API calls."""

import codecs
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import unquote

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext_lazy as _

from common.client_addresses import use_client_address
from config import error_pages as faults

NUL = "\x00"
CHARSETS = {"utf-8", "ascii"}
HOLDS_NUL = _("The request contains a NUL character.")


class SoundRequestMiddleware:
    """Refuses requests that later code would fail on and that no client sends in good faith.

    PostgreSQL stores no NUL characters. Django decodes the URL by the charset of Content-Type, too, and some of
    Python's charsets cannot decode one; ours are all UTF-8. API bodies are checked by their own parsers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wrong = _what_is_wrong(request)
        if not wrong:
            return self.get_response(request)
        if not faults.is_call(request):
            raise BadRequest(wrong)
        with override(get_language_from_request(request)):
            return faults.answer(HTTPStatus.BAD_REQUEST, "invalid", str(wrong))

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *_given: object) -> None:
        """Check forms, which the CSRF check would read anyway. Views without that check read their own."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return
        with suppress(UnreadablePostError):  # the client has gone, and the form has no token
            if any(NUL in text for _name, texts in request.POST.lists() for text in texts):
                raise BadRequest(HOLDS_NUL)


def _what_is_wrong(request: HttpRequest) -> Promise | None:
    """Return what is wrong as a text to be translated; None if the request is sound."""
    texts = (request.path, unquote(request.META.get("QUERY_STRING", "")), *request.COOKIES.values())
    if any(NUL in text for text in texts):
        return HOLDS_NUL
    charset = (request.content_params or {}).get("charset", "utf-8")
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        name = ""
    return None if name in CHARSETS else _("The charset of Content-Type must be UTF-8.")


NO_DEVICES = ", ".join(f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb"))


def permissions_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: deny our pages access to all browser features such as camera and location."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Permissions-Policy"] = NO_DEVICES
        return response

    return answer


def client_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: provide the client's address to the security log (accounts/access/security_log.py)."""

    def answer(request: HttpRequest) -> HttpResponse:
        with use_client_address(request):
            return get_response(request)

    return answer


def rate_limit(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: add RateLimit headers for the limit that was counted (common/throttling.py)."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if standing := getattr(request, "standing", None):
            for name, value in standing.headers().items():
                response[name] = value
        return response

    return answer


def api_caching(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: let clients cache API responses and revalidate them, unless the view says otherwise."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if faults.is_call(request):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return answer
