"""Pages to reset a forgotten password and to change one's own."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.member_page import member_page
from accounts.forms import EmailAddressForm
from accounts.models import Membership
from accounts.sign_in.forms import MemberPasswordChangeForm, NewPasswordForm, OldPasswordForm
from accounts.sign_in.limits import OldPasswordThrottle
from accounts.sign_in.passwords import request_password_link
from common.throttling import Throttle


class PasswordLinkThrottle(Throttle):
    """Throttle requests for password reset links per client address."""

    policy = "password-link"
    quota = 10
    window = 60 * 60


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Request a reset link. The response is the same for known and unknown addresses."""
    help_text = _("The address where you receive our emails.")
    form = EmailAddressForm(request.POST if request.method == "POST" else None, help_text=help_text)
    if not form.is_valid():
        return _render_forgotten(request, form, status=400 if form.is_bound else 200)
    throttle = PasswordLinkThrottle()
    if not throttle.allow_request(request, None):
        return _add_retry_after(
            _render_forgotten(request, form, status=429, minutes=_get_wait_minutes(throttle)), throttle
        )
    request_password_link(email=form.cleaned_data["email"])
    return redirect("password-reset-sent")


def _render_forgotten(request: HttpRequest, form: EmailAddressForm, *, status: int, **context: Any) -> HttpResponse:
    return render(request, "registration/password_forgotten.html", {"form": form, **context}, status=status)


def _get_wait_minutes(throttle: Throttle) -> int:
    return -(-throttle.wait() // 60)


def _add_retry_after(answer: HttpResponse, throttle: Throttle) -> HttpResponse:
    answer["Retry-After"] = str(throttle.wait())
    return answer


@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "registration/password_link_sent.html")


class PasswordResetConfirmView(views.PasswordResetConfirmView):
    """Set a new password by the emailed link. Django moves the token from the URL into the session."""

    form_class = NewPasswordForm
    template_name = "registration/password_new.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password was changed. You can now sign in with it."))
        return answer


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@member_page
def change(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Change one's own password with the old one. Only the current session stays signed in."""
    user: Any = request.user
    if request.method == "POST":
        throttle = OldPasswordThrottle()
        if not throttle.allow_request(request, None):
            answer = _render_change(
                request, MemberPasswordChangeForm(user), status=429, minutes=_get_wait_minutes(throttle)
            )
            return _add_retry_after(answer, throttle)
    form = MemberPasswordChangeForm(user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _render_change(request, form, status=400 if form.is_bound else 200)
    form.save()
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password was changed. All other sessions were signed out."))
    return redirect("account")


def _render_change(request: HttpRequest, form: OldPasswordForm, *, status: int, **context: Any) -> HttpResponse:
    return render(request, "accounts/password.html", {"form": form, **context}, status=status)
