"""What holds for all pages and calls: what none of them takes, and what no browser needs to offer them."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse

from config.faults import problem

NUL = "\x00"
FORM = "application/x-www-form-urlencoded"


class NoNulMiddleware:
    """PostgreSQL keeps no NUL character in a text and fails on one; nobody types one. Bodies of calls are their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        form = request.body if request.content_type == FORM else b""
        if NUL in request.path or b"%00" in form or "%00" in request.META.get("QUERY_STRING", ""):
            if request.path.startswith("/api/"):
                body = problem(400, "Invalid", "invalid", "The address holds a NUL character.") | {"errors": []}
                return JsonResponse(body, status=400, content_type="application/problem+json")
            raise BadRequest("NUL character")
        return self.get_response(request)


NO_DEVICES = ", ".join(f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb"))


def permissions_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: browsers let our pages, and what anybody might put into them, reach none of their devices."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Permissions-Policy"] = NO_DEVICES
        return response

    return answer


def rate_limit(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: an answer says where whoever asked stands with the limit that was counted (contracts/limits.py)."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if standing := getattr(request, "standing", None):
            for name, value in standing.headers().items():
                response[name] = value
        return response

    return answer
