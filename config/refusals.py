"""Pages for refusals and for sessions that have ended."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed
from django_htmx.http import HttpResponseClientRedirect
from structlog.contextvars import get_contextvars

from common.errors import DATABASE_UNAVAILABLE_ERRORS, RETRY_AFTER, Refused, last_code
from common.previous_page import get_return_url, strip_host

log = logging.getLogger(__name__)


class RefusalMiddleware:
    """Renders Refused as a page. The API does so in api/root.py."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        page = _sign_in_page(request, answer)
        return back_after_signing_in(request, page) if page else answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page of the refusal; None for other errors."""
        if request.path.startswith("/api/"):
            return None
        if isinstance(error, DATABASE_UNAVAILABLE_ERRORS):
            return unavailable(error)
        if isinstance(error, TransitionNotAllowed):
            error = Refused("transition_not_allowed", _("The contract's status does not allow this."))
        if not isinstance(error, Refused):
            return None
        if error.code == "account_not_certified":  # R11: the certification page shows the reason and what to do
            return redirect("account-certification")
        context = {"refused": error, "back": get_return_url(request), **_asked_as()}
        page = render(request, "refused.html", context, status=error.status)
        for name, value in error.headers.items():
            page[name] = value
        return page


def unavailable(error: Exception) -> HttpResponse:
    """Return the page for a lost database. Renders without the request, whose user is in the database."""
    log.error("database not available: %s", error)
    code = "database_unavailable"
    last_code.set(code)
    headers = {"Retry-After": str(RETRY_AFTER[code])}
    return HttpResponse(render_to_string("503.html", _asked_as()), status=503, headers=headers)


def _asked_as() -> dict[str, str]:
    """Return the request id as template context."""
    return {"request_id": get_contextvars().get("request_id", "")}


def _sign_in_page(request: HttpRequest, answer: HttpResponse) -> str:
    """Return the sign-in page that `login_required` or the admin redirects this request to; else empty."""
    if answer.status_code != HTTPStatus.FOUND:
        return ""
    pages = (resolve_url(settings.LOGIN_URL), resolve_url("admin:login"))
    asked_for = request.get_full_path()
    return next((page for page in pages if answer["Location"] == redirect_to_login(asked_for, page)["Location"]), "")


def back_after_signing_in(request: HttpRequest, page: str) -> HttpResponse:
    """Redirect to the sign-in page, and from there back to the page that the visitor was on.

    The URL of a form may not be viewable, and an htmx fragment is not a page: both return to the page that sent them.
    The sign-in page says that the session has ended, if there was one.
    """
    htmx = getattr(request, "htmx", None)
    sent_from_a_page = htmx or request.method not in ("GET", "HEAD")
    back = strip_host(get_return_url(request)) if sent_from_a_page else request.get_full_path()
    if sent_from_a_page or settings.SESSION_COOKIE_NAME in request.COOKIES:
        ended = _("Your session has ended. Nothing was changed. Sign in to return to the page you were on.")
        messages.warning(request, ended)
    sign_in = redirect_to_login(back, page)
    return HttpResponseClientRedirect(sign_in.url) if htmx else sign_in
