"""Pages to invite people to an account, and the page where the invited accept (R49)."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.forms import SetPasswordForm, UsernameField
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.actors import actor_of
from accounts.access.member_page import ACCOUNT_SESSION_KEY, member_page
from accounts.forms import InvitationForm
from accounts.invitations import (
    accept_invitation,
    get_open_invitation,
    has_user,
    invite_member,
    is_for,
    join_as_new_user,
    resend_invitation,
    withdraw_invitation,
)
from accounts.models import Invitation, Membership
from accounts.settings import require_owner
from accounts.sign_in.forms import ExplainedPasswordForm
from common.errors import Refused
from common.forms import place_faults
from common.throttling import Throttle


class NewUserThrottle(Throttle):
    """Throttle attempts to create a user, because the page says which user names are taken."""

    policy = "new-user"
    quota = 20
    window = 60 * 60


class NewUserForm(ExplainedPasswordForm, SetPasswordForm):
    """User name and password of an invited person who has no user yet."""

    username = UsernameField(
        label=gettext_lazy("User name"),
        max_length=150,
        widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}),
        help_text=gettext_lazy("You sign in with it. Letters, digits and @ . + - _"),
    )
    field_order = ("username", "new_password1", "new_password2")

    def clean_username(self) -> str:
        """Set the name on the user, which the password must not be similar to."""
        self.user.username = self.cleaned_data["username"]
        return self.user.username


@require_http_methods(["GET", "POST"])
@member_page
def invite(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the form to owners; when posted, invite the address."""
    actor = actor_of(membership, "page")
    require_owner(actor)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    status, faults = 400 if form.is_bound else 200, []
    if form.is_valid():
        try:
            invitation = invite_member(**form.cleaned_data, by=actor)
        except Refused as refused:
            status, faults = refused.status, place_faults(form, refused.faults)
        else:
            messages.success(request, _("The invitation to %(email)s was sent.") % {"email": invitation.email})
            return redirect("account-members")
    return render(request, "accounts/invite.html", {"form": form, "faults": faults}, status=status)


@require_POST
@member_page
def resend(request: HttpRequest, membership: Membership, pk: uuid.UUID) -> HttpResponse:
    actor = actor_of(membership, "page")
    require_owner(actor)
    invitation = resend_invitation(invitation=_get_own(membership, pk), by=actor)
    messages.success(
        request,
        _("A new invitation was sent to %(email)s. Earlier links no longer work.") % {"email": invitation.email},
    )
    return redirect("account-members")


@require_POST
@member_page
def withdraw(request: HttpRequest, membership: Membership, pk: uuid.UUID) -> HttpResponse:
    actor = actor_of(membership, "page")
    require_owner(actor)
    invitation = withdraw_invitation(invitation=_get_own(membership, pk), by=actor)
    messages.success(request, _("The invitation to %(email)s was withdrawn.") % {"email": invitation.email})
    return redirect("account-members")


def _get_own(membership: Membership, pk: uuid.UUID) -> Invitation:
    return get_object_or_404(membership.account.invitations.all(), pk=pk)


@never_cache
@sensitive_post_parameters("new_password1", "new_password2")
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the invitation with this secret in its link; when posted, accept it.

    The address is a secret: no search engine lists it, and the policy of all pages (SECURE_REFERRER_POLICY) tells it
    to no other site.
    """
    try:
        invitation = get_open_invitation(secret)
        answer = _answer(request, invitation)
    except Refused as refused:
        answer = _render(request, refused=refused, status=refused.status)
        for name, value in refused.headers.items():
            answer[name] = value
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _answer(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if isinstance(request.user, User):
        return _accept_signed_in(request, invitation, request.user)
    if has_user(invitation):
        return _render(
            request, invitation=invitation, status=403 if request.method == "POST" else 200, must_sign_in=True
        )
    return _join(request, invitation)


def _accept_signed_in(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    if request.method == "POST":
        return _welcome(request, accept_invitation(invitation=invitation, user=user))
    return _render(request, invitation=invitation, is_for_visitor=is_for(invitation, user))


def _join(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Ask for a user name and a password; when posted, create the user and sign it in."""
    form = NewUserForm(User(email=invitation.email), request.POST if request.method == "POST" else None)
    throttle = NewUserThrottle()
    if form.is_bound and not throttle.allow_request(request, None):
        headers = {"Retry-After": str(throttle.wait())}
        raise Refused("throttled", _("Too many attempts from your network. Try again in an hour."), headers=headers)
    if not form.is_valid():
        return _render(request, invitation=invitation, form=form, status=400 if form.is_bound else 200)
    username, password = form.cleaned_data["username"], form.cleaned_data["new_password1"]
    try:
        member = join_as_new_user(invitation=invitation, username=username, password=password)
    except Refused as refused:
        if place_faults(form, refused.faults):
            raise
        return _render(request, invitation=invitation, form=form, status=refused.status)
    if user := authenticate(request, username=member.user.get_username(), password=password):
        login(request, user)
    return _welcome(request, member)


def _welcome(request: HttpRequest, member: Membership) -> HttpResponse:
    request.session[ACCOUNT_SESSION_KEY] = member.account.number
    messages.success(request, _("You are now a member of account %(number)s.") % {"number": member.account.number})
    return redirect("account")


def _render(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "accounts/invitation.html", context, status=status)
