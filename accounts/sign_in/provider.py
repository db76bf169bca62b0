"""Sign-in at the OpenID Connect provider of the settings: authorization code with PKCE, state and nonce, by Authlib."""

import logging
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from requests import RequestException

from common.circuit_breaker import CircuitBreaker, CircuitOpen
from common.errors import Refused

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 5
LEEWAY_SECONDS = 30
"""Difference of clocks that is accepted in tokens."""
SIGNATURES = ["RS256", "PS256", "ES256", "EdDSA"]
"""Accepted signatures of ID tokens; none by a shared secret, and none unsigned."""
FAILURES = (OAuthError, JoseError, RequestException, CircuitOpen, ValueError, RuntimeError, LookupError, TypeError)
"""Exceptions of Authlib for providers that do not answer, or answer wrongly."""
_breaker = CircuitBreaker("the sign-in provider")


def redirect_to_provider(request: HttpRequest) -> HttpResponse:
    """Redirect to the provider, and keep state, nonce and PKCE's verifier in the session.

    Raises Refused `provider_unavailable`.
    """
    try:
        with _breaker.call():
            return _get_client().authorize_redirect(request, settings.SITE_URL + reverse("provider-callback"))
    except FAILURES as error:
        raise _unavailable(error) from error


def read_claims(request: HttpRequest) -> dict[str, Any]:
    """Return the claims of the ID token that the provider gives for the code in the request.

    Signature, issuer, audience, expiry and nonce are verified; state and code work once. An address that the ID token
    lacks comes from the userinfo endpoint. Raises Refused `provider_refused`.
    """
    client = _get_client()
    try:
        with _breaker.call():
            metadata = client.load_server_metadata()
            metadata["id_token_signing_alg_values_supported"] = SIGNATURES
            token = client.authorize_access_token(request, claims_options=_required_claims(), leeway=LEEWAY_SECONDS)
            claims = dict(token["userinfo"])
            if "email" not in claims:
                claims |= _read_userinfo(client, token, claims["sub"])
    except FAILURES as error:
        log.warning("a sign-in at the provider was refused: %s", type(error).__name__)
        raise Refused("provider_refused", _("The sign-in was not completed. Start again.")) from error
    return claims


def _get_client() -> Any:
    """Return a new client, which fetches the provider's metadata and keys anew."""
    return OAuth().register(
        name="staff",
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        server_metadata_url=f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def _required_claims() -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": settings.OIDC_ISSUER},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
        "nonce": {"essential": True},
    }


def _read_userinfo(client: Any, token: dict[str, Any], subject: str) -> dict[str, Any]:
    info = client.userinfo(token=token)
    if info["sub"] != subject:
        raise ValueError("userinfo of another subject")
    return {name: info[name] for name in ("email", "email_verified") if name in info}


def _unavailable(error: Exception) -> Refused:
    log.error("the sign-in provider does not answer: %s", type(error).__name__)
    return Refused("provider_unavailable", _("The sign-in provider does not answer. Try again later."))
