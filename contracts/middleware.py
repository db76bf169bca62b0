"""Refusals on pages: the domain error as a page, mapped once. The API maps its own (config/api.py)."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django_fsm import TransitionNotAllowed

from billing.errors import Refused


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page that says what was refused and why; None for errors that are none of ours."""
        if request.path.startswith("/api/"):
            return None
        if isinstance(error, TransitionNotAllowed):
            error = Refused("transition_not_allowed", "The contract's status does not allow this.")
        if not isinstance(error, Refused):
            return None
        if error.code == "account_not_certified":  # R11: sent to where it can be put right, with the reason
            messages.error(request, error.detail)
            return redirect("account")
        context = {"refused": error, "back": way_back(request)}
        return render(request, "refused.html", context, status=error.status)


def way_back(request: HttpRequest, given: str = "") -> str:
    """The page of ours that the visitor came from (or `given`), never an address elsewhere; else the start."""
    address = given or request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else "/"
