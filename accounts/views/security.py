"""The security page: second factors, recovery codes and sessions of the signed-in person (R50)."""

import json
from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any, Concatenate, ParamSpec, cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.member_page import get_membership
from accounts.access.security_log import record_security_event
from accounts.models import SecurityEvent
from accounts.sign_in import second_factor, sessions
from accounts.sign_in.forms import AppForm, ConfirmForm, PasskeyForm
from accounts.sign_in.limits import count_old_password_attempt
from accounts.sign_in.requirement import is_required_of, mark_strong, must_set_up
from common.errors import Refused
from common.previous_page import get_return_url, strip_host

TOTP_SECRET = "totp_secret"  # noqa: S105 - a key
"""Session key: secret of the authenticator app that is being added."""
Rest = ParamSpec("Rest")


def own_page(
    view: Callable[Concatenate[HttpRequest, User, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Decorate a page about the person, who may be a member, staff or an integrator. It gets the user."""

    @login_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def gate(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        membership = get_membership(request)
        zone = membership.account.tzinfo if membership else None
        with timezone.override(zone):
            return view(request, cast(User, request.user), *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, Rest], HttpResponse]", gate)


def recent_sign_in(
    view: Callable[Concatenate[HttpRequest, User, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Decorate a page that changes how the person signs in: it asks for the password if that was long ago."""

    @wraps(view)
    def gate(request: HttpRequest, user: User, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        if sessions.signed_in_recently(request):
            return view(request, user, *args, **kwargs)
        following = request.path if request.method == "GET" else strip_host(get_return_url(request))
        return redirect(f"{reverse('account-security-confirm')}?{urlencode({'next': following})}")

    return own_page(cast("Callable[Concatenate[HttpRequest, User, Rest], HttpResponse]", gate))


@require_safe
@own_page
def security(request: HttpRequest, user: User) -> HttpResponse:
    sessions.note_use(request, user)
    factors = list(second_factor.get_factors(user))
    membership = get_membership(request)
    context = {
        "app": next((factor for factor in factors if factor.type == "totp"), None),
        "passkeys": [factor for factor in factors if factor.type == "webauthn"],
        "codes_left": sum(len(factor.data["hashes"]) for factor in factors if factor.type == "recovery_codes"),
        "has_factor": any(factor.type in second_factor.OWN_FACTORS for factor in factors),
        "is_required": is_required_of(user),
        "must_set_up": must_set_up(request, membership.account if membership else None),
        "sessions": [
            {
                "pk": session.pk,
                "device": sessions.describe_device(session.user_agent),
                "address": sessions.shorten_address(session.address),
                "last_seen_at": session.last_seen_at,
                "is_current": session.session_id == request.session.session_key,
            }
            for session in sessions.get_sessions(user)
        ],
    }
    return render(request, "accounts/security/security.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@own_page
def confirm(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for the password again, then continue to `next`."""
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        count_old_password_attempt(request)
    if form.is_valid():
        if user.check_password(form.cleaned_data["password"]):
            sessions.note_sign_in(request, user)
            return redirect(get_return_url(request, request.POST.get("next") or reverse("account-security")))
        kind = SecurityEvent.Kind.SIGN_IN_FAILED
        record_security_event(kind=kind, user_id=user.pk, detail="confirmation")
        form.add_error("password", _("Wrong password."))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/security/confirm.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@recent_sign_in
def add_app(request: HttpRequest, user: User) -> HttpResponse:
    """Show the secret as a QR code and as text; when its first code is posted, add the app."""
    secret = request.session.setdefault(TOTP_SECRET, generate_totp_secret())
    form = AppForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = second_factor.add_totp(user=user, secret=secret, code=form.cleaned_data["code"])
        except Refused as refused:
            form.add_error("code", refused.detail)
        else:
            del request.session[TOTP_SECRET]
            return _respond_to_added(request, user, codes, _("The authenticator app was added."))
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    context = {
        "form": form,
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "picture": f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}",
    }
    return render(request, "accounts/security/app_add.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@recent_sign_in
def add_passkey(request: HttpRequest, user: User) -> HttpResponse:
    """Offer to create a passkey, which the page's script does; when posted, add it."""
    form = PasskeyForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            given = {name: form.cleaned_data[name] for name in ("name", "credential")}
            codes = second_factor.add_passkey(user=user, **given)
        except Refused as refused:
            form.add_error(None, refused.detail)
        else:
            return _respond_to_added(request, user, codes, _("The passkey was added."))
    context = {
        "form": form,
        "options": json.dumps(begin_registration(user, passwordless=True)),
        "has_host_name": _has_host_name(request),
    }
    return render(request, "accounts/security/passkey_add.html", context, status=400 if form.errors else 200)


def _has_host_name(request: HttpRequest) -> bool:
    """Return False if the page was opened by an IP address, for which browsers create no passkeys (WebAuthn §5.1.2)."""
    host, _port = split_domain_port(request.get_host())
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def _respond_to_added(request: HttpRequest, user: User, codes: list[str], message: str) -> HttpResponse:
    """End the other sessions, which passed no second step. Show new recovery codes once, in the response itself."""
    mark_strong(request)
    sessions.end_sessions(user=user, but=request.session.session_key, by_id=user.pk)
    if codes:
        return render(request, "accounts/security/recovery_codes.html", {"codes": codes, "message": message})
    messages.success(request, message)
    return redirect("account-security")


@require_http_methods(["GET", "POST"])
@recent_sign_in
def recovery_codes(request: HttpRequest, user: User) -> HttpResponse:
    """Ask for confirmation; when posted, replace the recovery codes and show the new ones once."""
    if request.method == "POST":
        codes = second_factor.create_recovery_codes(user=user)
        return render(request, "accounts/security/recovery_codes.html", {"codes": codes})
    return render(request, "accounts/security/recovery_codes_create.html")


@require_http_methods(["GET", "POST"])
@recent_sign_in
def remove_factor(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Ask for confirmation; when posted, remove the authenticator app or passkey."""
    factor = second_factor.get_factors(user).filter(pk=pk, type__in=second_factor.OWN_FACTORS).first()
    if factor is None:
        raise Http404
    refused = None
    if request.method == "POST":
        try:
            second_factor.remove_factor(user=user, pk=pk, is_required=is_required_of(user))
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("The second factor was removed."))
            return redirect("account-security")
    context: dict[str, Any] = {"factor": factor, "refused": refused}
    return render(request, "accounts/security/factor_remove.html", context, status=refused.status if refused else 200)


@require_POST
@recent_sign_in
def end_session(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    sessions.end_session(user=user, pk=pk)
    messages.success(request, _("The session was signed out."))
    return redirect("account-security")


@require_POST
@recent_sign_in
def end_other_sessions(request: HttpRequest, user: User) -> HttpResponse:
    sessions.end_sessions(user=user, but=request.session.session_key, by_id=user.pk)
    messages.success(request, _("All other sessions were signed out."))
    return redirect("account-security")
