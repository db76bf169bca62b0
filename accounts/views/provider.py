"""Signing in at the OpenID Connect provider of the settings, for staff."""

from typing import cast

from allauth.account.utils import perform_login
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access.security_log import note_way_of_signing_in, record_security_event
from accounts.models import SecurityEvent
from accounts.sign_in.identities import get_staff
from accounts.sign_in.limits import count_sign_in_attempt
from accounts.sign_in.provider import read_claims, redirect_to_provider
from accounts.sign_in.requirement import mark_strong
from common.errors import Refused
from common.previous_page import get_return_url

MULTI_FACTOR = "mfa"
"""Value of the claim `amr` (RFC 8176) if the provider asked for a second factor. Without it only one is assumed."""
NEXT = "provider_next"
"""Session key: where to continue after signing in."""


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Redirect to the provider. Raises Refused: `throttled`, `provider_unavailable`."""
    if not settings.OIDC_ISSUER:
        raise Http404
    count_sign_in_attempt(request)
    request.session[NEXT] = get_return_url(request, request.POST.get("next") or reverse("admin:index"))
    return redirect_to_provider(request)


@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Sign in the staff member that the provider names; the second step follows where the person has one here.

    Raises Refused: `provider_refused`, `permission_denied`.
    """
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        claims = read_claims(request)
        user = get_staff(claims=claims)
    except Refused as refused:
        detail = f"provider: {refused.code}"
        record_security_event(kind=SecurityEvent.Kind.SIGN_IN_FAILED, user_id=None, detail=detail)
        raise
    note_way_of_signing_in(request, "provider")
    following = request.session.pop(NEXT, reverse("admin:index"))
    response = perform_login(request, user, redirect_url=following)
    if request.user.is_authenticated and MULTI_FACTOR in (claims.get("amr") or []):
        mark_strong(request)
    return cast(HttpResponse, response)
