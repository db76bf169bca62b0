"""Access control of the pages: visitors must sign in and act as a member of one account (R26)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django_htmx.http import HttpResponseClientRedirect
from structlog.contextvars import bind_contextvars

from accounts.models import Membership
from accounts.sign_in.requirement import must_set_up, redirect_to_set_up
from common.previous_page import get_return_url

ACCOUNT_SESSION_KEY = "account"
"""Session key: number of the account chosen by a member of several accounts."""
ACCOUNT_FORM_FIELD = "for_account"
"""Form field: number of the account that the form was rendered for (templates/includes/for_account.html)."""

Rest = ParamSpec("Rest")
Answer = TypeVar("Answer", bound=HttpResponseBase)


def member_page(
    view: Callable[Concatenate[HttpRequest, Membership, Rest], Answer],
) -> Callable[Concatenate[HttpRequest, Rest], Answer]:
    """Decorate a page of an account: the view gets the membership, and runs in the account's time zone.

    Staff without an account are redirected to the admin; other users without one get 403. Those who must have a second
    factor set it up first (R49). A form that was rendered for another account is refused (R47).
    """

    @login_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def gate(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        membership = get_membership(request)
        if membership is None:
            return _respond_without_account(request)
        if must_set_up(request, membership.account):
            return redirect_to_set_up(request)
        if request.method == "POST" and not _is_for_account(request, membership):
            return _refuse_form_of_other_account(request)
        with timezone.override(membership.account.tzinfo):
            return view(request, membership, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, Rest], Answer]", gate)


def get_membership(request: HttpRequest) -> Membership | None:
    """Return the membership in the chosen account, else the first one; queried once per request."""
    if not hasattr(request, "membership"):
        request.membership = _chosen_membership(request)  # type: ignore[attr-defined]
    return request.membership  # type: ignore[attr-defined]


def get_memberships(request: HttpRequest) -> list[Membership]:
    """Return all memberships of the visitor, with their accounts; queried once per request."""
    if not hasattr(request, "memberships"):
        request.memberships = list(  # type: ignore[attr-defined]
            Membership.objects.filter(user=request.user.pk).select_related("account")
        )
    return request.memberships  # type: ignore[attr-defined]


def _chosen_membership(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    memberships = get_memberships(request)
    chosen = request.session.get(ACCOUNT_SESSION_KEY)
    membership = next((m for m in memberships if m.account.number == chosen), memberships[0] if memberships else None)
    bind_contextvars(user=request.user.pk, **({"account": membership.account.number} if membership else {}))
    return membership


def _is_for_account(request: HttpRequest, membership: Membership) -> bool:
    """Return True if the form was rendered for the current account. Members of one account may omit the field."""
    number = request.POST.get(ACCOUNT_FORM_FIELD)
    if number is None:
        return len(get_memberships(request)) == 1
    return number == membership.account.number


def _refuse_form_of_other_account(request: HttpRequest) -> HttpResponse:
    """Respond with 409 and a page that offers to switch to the form's account (R47)."""
    number = request.POST.get(ACCOUNT_FORM_FIELD)
    other = next((m.account for m in get_memberships(request) if m.account.number == number), None)
    context = {"other": other, "back": get_return_url(request)}
    if not getattr(request, "htmx", False):
        return render(request, "accounts/other_account.html", context, status=409)
    messages.error(request, _("This page was opened for another account. Nothing was changed."))
    return HttpResponseClientRedirect(reverse("account"))


def _respond_without_account(request: HttpRequest) -> HttpResponse:
    if getattr(request.user, "is_staff", False):
        return redirect("admin:index")
    return render(request, "accounts/no_account.html", status=403)
