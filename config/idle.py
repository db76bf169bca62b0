"""End sessions that were not used for SESSION_IDLE_SECONDS."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.sign_in.sessions import note_use
from common.errors import DATABASE_UNAVAILABLE_ERRORS
from config.error_pages import is_call
from config.refusals import unavailable

SEEN = "seen"
"""Session key: when the session was last used, in seconds since 1970, accurate to NOTED_EVERY."""
NOTED_EVERY = 60
"""Seconds between writes of SEEN, so that reading a page rarely writes."""


def end_idle_sessions(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, after authentication. Requests without a session cookie cost nothing.

    Exceptions of middlewares do not reach `process_exception`, so a lost database is answered here.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not is_call(request):
            try:
                _end_or_note(request)
            except DATABASE_UNAVAILABLE_ERRORS as error:
                return unavailable(error)
        return get_response(request)

    return answer


def _end_or_note(request: HttpRequest) -> None:
    now = _now()
    seen = request.session.get(SEEN, now - NOTED_EVERY)
    if now - seen > settings.SESSION_IDLE_SECONDS:
        logout(request)
    elif now - seen >= NOTED_EVERY and request.user.is_authenticated:
        request.session[SEEN] = now
        note_use(request, request.user)


def _now() -> int:
    return int(timezone.now().timestamp())


def note_sign_in(request: HttpRequest, **_signal: object) -> None:
    """Start the idle time, and end the session SESSION_COOKIE_AGE after sign-in, however often it is saved."""
    request.session[SEEN] = _now()
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
