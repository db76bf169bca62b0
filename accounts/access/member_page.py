"""The gate of the pages: nobody passes without signing in, and then only as a member of one account (R26)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django_htmx.http import HttpResponseClientRedirect
from structlog.contextvars import bind_contextvars

from accounts.models import Membership
from common.previous_page import way_back

ACCOUNT_IN_SESSION = "account"
"""Session key: the number of the account that a member of several has chosen."""
ACCOUNT_OF_FORM = "for_account"
"""Form field: the number of the account that a form was made for (templates/includes/for_account.html)."""

Rest = ParamSpec("Rest")


def member_page(
    view: Callable[Concatenate[HttpRequest, Membership, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """A page of an account: the view gets the membership to scope every row by, and the account's time zone.

    Finance staff without an account go to the admin; other users without one get 403. A form that was
    made for another account reaches no view (R47).
    """

    @login_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def gate(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        membership = membership_of(request)
        if membership is None:
            return _without_account(request)
        if request.method == "POST" and not _is_made_for(request, membership):
            return _made_for_other_account(request)
        with timezone.override(membership.account.tzinfo):
            return view(request, membership, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, Rest], HttpResponse]", gate)


def membership_of(request: HttpRequest) -> Membership | None:
    """As whom the visitor acts: in the account chosen on the account page, else in the first; asked once a request."""
    if not hasattr(request, "membership"):
        request.membership = _chosen_membership(request)  # type: ignore[attr-defined]
    return request.membership  # type: ignore[attr-defined]


def memberships_of(request: HttpRequest) -> list[Membership]:
    """All memberships of the signed-in visitor, with their accounts; queried once a request."""
    if not hasattr(request, "memberships"):
        request.memberships = list(  # type: ignore[attr-defined]
            Membership.objects.filter(user=request.user.pk).select_related("account")
        )
    return request.memberships  # type: ignore[attr-defined]


def _chosen_membership(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    memberships = memberships_of(request)
    chosen = request.session.get(ACCOUNT_IN_SESSION)
    membership = next((m for m in memberships if m.account.number == chosen), memberships[0] if memberships else None)
    bind_contextvars(user=request.user.pk, **({"account": membership.account.number} if membership else {}))
    return membership


def _is_made_for(request: HttpRequest, membership: Membership) -> bool:
    """True if the form names the session's account. One that names none may come from a member of one account only."""
    stated = request.POST.get(ACCOUNT_OF_FORM)
    if stated is None:
        return len(memberships_of(request)) == 1
    return stated == membership.account.number


def _made_for_other_account(request: HttpRequest) -> HttpResponse:
    """Refuse the form with a page that names both accounts and offers to switch back to the form's own."""
    stated = request.POST.get(ACCOUNT_OF_FORM)
    other = next((m.account for m in memberships_of(request) if m.account.number == stated), None)
    context = {"other": other, "back": way_back(request)}
    if not getattr(request, "htmx", False):
        return render(request, "accounts/other_account.html", context, status=409)
    messages.error(request, _("This page was opened for another account. Nothing was changed."))
    return HttpResponseClientRedirect(reverse("account"))


def _without_account(request: HttpRequest) -> HttpResponse:
    if getattr(request.user, "is_staff", False):
        return redirect("admin:index")
    return render(request, "accounts/no_account.html", status=403)
