"""What pages have in common when something stands in the way: a refusal, or a session that has ended."""

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

from billing.errors import DATABASE_AWAY, RETRY_AFTER, Refused, last_code
from billing.way_back import path_of, way_back

log = logging.getLogger(__name__)


class RefusalMiddleware:
    """Shows the domain error as a page, mapped once. The API maps its own (config/api.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        page = _sign_in_page(request, answer)
        return back_after_signing_in(request, page) if page else answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page that says what was refused and why; None for errors that are none of ours."""
        if request.path.startswith("/api/"):
            return None
        if isinstance(error, DATABASE_AWAY):
            return unavailable(error)
        if isinstance(error, TransitionNotAllowed):
            error = Refused("transition_not_allowed", _("The contract's status does not allow this."))
        if not isinstance(error, Refused):
            return None
        if error.code == "account_not_certified":  # R11: sent to where it can be put right, which says the reason
            return redirect("account-certification")
        context = {"refused": error, "back": way_back(request), **_asked_as()}
        page = render(request, "refused.html", context, status=error.status)
        for name, value in error.headers.items():
            page[name] = value
        return page


def unavailable(error: Exception) -> HttpResponse:
    """The page for a database that does not answer. Without the request: its user is in the database."""
    log.error("database not available: %s", error)
    code = "database_unavailable"
    last_code.set(code)
    headers = {"Retry-After": str(RETRY_AFTER[code])}
    return HttpResponse(render_to_string("503.html", _asked_as()), status=503, headers=headers)


def _asked_as() -> dict[str, str]:
    """The id of this request, under which the log has what happened."""
    return {"request_id": get_contextvars().get("request_id", "")}


def _sign_in_page(request: HttpRequest, answer: HttpResponse) -> str:
    """The sign-in page that `login_required` or the admin sends to, asked for this very address; else empty."""
    if answer.status_code != HTTPStatus.FOUND:
        return ""
    pages = (resolve_url(settings.LOGIN_URL), resolve_url("admin:login"))
    asked_for = request.get_full_path()
    return next((page for page in pages if answer["Location"] == redirect_to_login(asked_for, page)["Location"]), "")


def back_after_signing_in(request: HttpRequest, page: str) -> HttpResponse:
    """To the sign-in page, and from there to the page that the visitor was on when the session had ended.

    A form's own address may be none to look at, and what htmx fetches is no whole page: those go back to the page
    that they were sent from. The sign-in page says that the session has ended where there was one.
    """
    htmx = getattr(request, "htmx", None)
    sent_from_a_page = htmx or request.method not in ("GET", "HEAD")
    back = path_of(way_back(request)) if sent_from_a_page else request.get_full_path()
    if sent_from_a_page or settings.SESSION_COOKIE_NAME in request.COOKIES:
        ended = _("Your session has ended. Nothing was changed. Sign in to return to the page you were on.")
        messages.warning(request, ended)
    sign_in = redirect_to_login(back, page)
    return HttpResponseClientRedirect(sign_in.url) if htmx else sign_in
