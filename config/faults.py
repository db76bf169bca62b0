"""What is answered where nobody foresaw the fault: no details of it, but the id under which the log has them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from structlog.contextvars import get_contextvars


def request_id() -> str:
    return str(get_contextvars().get("request_id", ""))


def problem(status: int, title: str, code: str, detail: str) -> dict[str, object]:
    """The members that every problem of the API has (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return {**body, "request_id": request_id()}


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a page, or a problem of the API. Asks nothing of the request or the database."""
    if request.path.startswith("/api/"):
        detail = _("The fault is ours. It has been recorded; send the request again, or tell us its request_id.")
        body = problem(500, "Internal error", "internal_error", detail) | {"errors": []}
        return JsonResponse(body, status=500, content_type="application/problem+json")
    return HttpResponse(render_to_string("500.html", {"request_id": request_id()}), status=500)
