"""Signing in at an OpenID Connect provider: that of staff, or that of a customer's account."""

from typing import cast
from urllib.parse import urlsplit

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.security_log import note_way_of_signing_in, record_security_event
from accounts.forms import EmailAddressForm
from accounts.models import AccountProvider, SecurityEvent
from accounts.sign_in.identities import get_user
from accounts.sign_in.limits import count_sign_in_attempt
from accounts.sign_in.provider import ProviderUnavailable, get_provider, read_claims, redirect_to_provider
from accounts.sign_in.requirement import mark_strong
from common.errors import Refused
from common.previous_page import get_return_url

MULTI_FACTOR = "mfa"
"""Value of the claim `amr` (RFC 8176) if the provider asked for a second factor. Without it only one is assumed."""
NEXT = "provider_next"
"""Session key: where to continue after signing in."""


@never_cache
@require_http_methods(["GET", "POST"])
def company(request: HttpRequest) -> HttpResponse:
    """Ask for an email address, and lead to the provider of its domain."""
    form = EmailAddressForm(request.POST if request.method == "POST" else None, help_text=_("At your company."))
    if request.method == "POST":
        count_sign_in_attempt(request)
    if form.is_valid():
        domain = form.cleaned_data["email"].rpartition("@")[2].lower()
        if number := AccountProvider.objects.filter(domain=domain).values_list("account__number", flat=True).first():
            return redirect("provider", number)
        form.add_error("email", _("Your company has no single sign-on here. Use your password."))
    return render(request, "registration/company.html", {"form": form}, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Show a button that leads to the provider; when posted, go there.

    Raises Refused: `not_found`, `throttled`.
    """
    provider = get_provider(key)
    if request.method == "POST":
        count_sign_in_attempt(request)
        request.session[NEXT] = get_return_url(request, request.POST.get("next") or "/")
        try:
            return redirect_to_provider(request, provider)
        except ProviderUnavailable:
            messages.error(request, _("The sign-in provider does not answer. Try again later, or use your password."))
            return redirect("login")
    parts = urlsplit(provider.issuer)
    answer = render(request, "registration/provider.html", {"host": parts.netloc})
    answer._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
    return answer


@never_cache
@require_safe
def callback(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in the user that the provider names; the second step follows where the person has one here.

    Raises Refused: `not_found`, `invalid`, `permission_denied`.
    """
    provider = get_provider(key)
    try:
        claims = read_claims(request, provider)
        user = get_user(claims=claims, provider=provider)
    except Refused as refused:
        detail = f"provider: {refused.code}"
        record_security_event(kind=SecurityEvent.Kind.SIGN_IN_FAILED, user_id=None, detail=detail)
        raise
    note_way_of_signing_in(request, "provider")
    response = perform_login(request, user, redirect_url=request.session.pop(NEXT, "/"))
    if request.user.is_authenticated and MULTI_FACTOR in (claims.get("amr") or []):
        mark_strong(request)
    return cast(HttpResponse, response)
