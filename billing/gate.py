"""The gate of the pages: nobody passes without signing in, and then only as a member of one account (R26)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from structlog.contextvars import bind_contextvars

from billing.models import Membership

ACCOUNT_IN_SESSION = "account"
"""Session key: the number of the account that a member of several has chosen."""

Rest = ParamSpec("Rest")


def member_page(
    view: Callable[Concatenate[HttpRequest, Membership, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """A page of an account: the view gets the membership to scope every row by, and the account's time zone.

    Finance staff without an account go to the admin; anyone else without one is told so, with 403.
    """

    @login_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def gate(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        membership = membership_of(request)
        if membership is None:
            return _without_account(request)
        with timezone.override(membership.account.tzinfo):
            return view(request, membership, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, Rest], HttpResponse]", gate)


def membership_of(request: HttpRequest) -> Membership | None:
    """As whom the visitor acts: in the account chosen on the account page, else in the first; asked once a request."""
    if not hasattr(request, "membership"):
        request.membership = _chosen_membership(request)  # type: ignore[attr-defined]
    return request.membership  # type: ignore[attr-defined]


def _chosen_membership(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    memberships = list(Membership.objects.filter(user=request.user.pk).select_related("account"))
    chosen = request.session.get(ACCOUNT_IN_SESSION)
    membership = next((m for m in memberships if m.account.number == chosen), memberships[0] if memberships else None)
    bind_contextvars(user=request.user.pk, **({"account": membership.account.number} if membership else {}))
    return membership


def _without_account(request: HttpRequest) -> HttpResponse:
    if getattr(request.user, "is_staff", False):
        return redirect("admin:index")
    return render(request, "billing/no_account.html", status=403)
