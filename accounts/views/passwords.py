"""Forgotten passwords, and changing one's own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.member_page import member_page
from accounts.models import Membership
from accounts.sign_in.forms import ByOldPassword, ChangeForm, NewPasswordForm
from accounts.sign_in.limits import OldPasswordThrottle
from accounts.sign_in.passwords import ask_for_link
from common.throttling import Throttle


class AskingThrottle(Throttle):
    """For an address that asks for links."""

    policy = "password-link"
    quota = 10
    window = 60 * 60


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Your email address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        help_text=gettext_lazy("The address at which you get our emails."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether or not anybody has the address."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _asked(request, form, status=400 if form.is_bound else 200)
    throttle = AskingThrottle()
    if not throttle.allow_request(request, None):
        return _too_often(_asked(request, form, status=429, minutes=_minutes(throttle)), throttle)
    ask_for_link(email=form.cleaned_data["email"])
    return redirect("password-reset-sent")


def _asked(request: HttpRequest, form: AddressForm, *, status: int, **context: Any) -> HttpResponse:
    return render(request, "registration/password_forgotten.html", {"form": form, **context}, status=status)


def _minutes(throttle: Throttle) -> int:
    return -(-throttle.wait() // 60)


def _too_often(answer: HttpResponse, throttle: Throttle) -> HttpResponse:
    answer["Retry-After"] = str(throttle.wait())
    return answer


@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "registration/password_link_sent.html")


class Confirm(views.PasswordResetConfirmView):
    """Whoever follows the link sets a new password. Django moves the token into the session, out of the address."""

    form_class = NewPasswordForm
    template_name = "registration/password_new.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password is changed. Sign in with it."))
        return answer


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@member_page
def change(request: HttpRequest, membership: Membership) -> HttpResponse:
    """One's own password, by the old one. This session goes on, and no other."""
    user: Any = request.user
    if request.method == "POST":
        throttle = OldPasswordThrottle()
        if not throttle.allow_request(request, None):
            answer = _changed(request, ChangeForm(user), status=429, minutes=_minutes(throttle))
            return _too_often(answer, throttle)
    form = ChangeForm(user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _changed(request, form, status=400 if form.is_bound else 200)
    form.save()
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
    return redirect("account")


def _changed(request: HttpRequest, form: ByOldPassword, *, status: int, **context: Any) -> HttpResponse:
    return render(request, "accounts/password.html", {"form": form, **context}, status=status)
