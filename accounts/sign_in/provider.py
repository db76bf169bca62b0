"""Sign-in at an OpenID Connect provider: authorization code with PKCE, state and nonce, by Authlib."""

import logging
from dataclasses import dataclass
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from requests import RequestException

from accounts.models import AccountProvider
from accounts.sign_in.adapters import can_decrypt, decrypt
from common.circuit_breaker import CircuitBreaker, CircuitOpen
from common.errors import Refused

log = logging.getLogger(__name__)
STAFF = "staff"
"""Key of the provider of the settings. The others have their account's number."""
TIMEOUT_SECONDS = 5
LEEWAY_SECONDS = 30
"""Difference of clocks that is accepted in tokens."""
SIGNATURES = ["RS256", "PS256", "ES256", "EdDSA"]
"""Accepted signatures of ID tokens; none by a shared secret, and none unsigned."""
FAILURES = (OAuthError, JoseError, RequestException, CircuitOpen, ValueError, RuntimeError, LookupError, TypeError)
"""Exceptions of Authlib for providers that do not answer, or answer wrongly."""
_breakers = [CircuitBreaker("the customers' sign-in providers"), CircuitBreaker("the staff's sign-in provider")]


class ProviderUnavailable(Exception):
    """Raised if the provider does not answer, or its metadata are unusable."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider with our registration there, and the domains of email addresses that it vouches for."""

    key: str
    issuer: str
    client_id: str
    client_secret: str
    domains: list[str]
    of_account: AccountProvider | None = None
    """Whose members it vouches for; None for staff."""


def get_provider(key: str) -> Provider:
    """Return the provider of staff, or of an account. Raises Refused `not_found`."""
    if key == STAFF and settings.OIDC_ISSUER:
        client = (settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
        return Provider(key, settings.OIDC_ISSUER, *client, settings.OIDC_ALLOWED_DOMAINS)
    found = AccountProvider.objects.select_related("account").filter(account__number=key).first()
    if found is None or not can_decrypt(found.client_secret):
        raise Refused("not_found", _("There is no single sign-on at this address."))
    secret = decrypt(found.client_secret)
    return Provider(key, found.issuer, found.client_id, secret, [found.domain], found)


def redirect_to_provider(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Redirect to the provider, and keep state, nonce and PKCE's verifier in the session.

    Raises ProviderUnavailable.
    """
    callback = settings.SITE_URL + reverse("provider-callback", args=[provider.key])
    try:
        with _breakers[provider.key == STAFF].call():
            return _get_client(provider).authorize_redirect(request, callback)
    except FAILURES as error:
        log.error("a sign-in provider does not answer: %s", type(error).__name__)
        raise ProviderUnavailable from error


def read_claims(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    """Return the claims of the ID token that the provider gives for the code in the request.

    Signature, issuer, audience, expiry and nonce are verified; state and code work once. An address that the ID token
    lacks comes from the userinfo endpoint. Raises Refused `invalid`.
    """
    client = _get_client(provider)
    required = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "nonce": {"essential": True},
    }
    try:
        with _breakers[provider.key == STAFF].call():
            metadata = client.load_server_metadata()
            metadata["id_token_signing_alg_values_supported"] = SIGNATURES
            token = client.authorize_access_token(request, claims_options=required, leeway=LEEWAY_SECONDS)
            claims = dict(token["userinfo"])
            if "email" not in claims:
                claims |= _read_userinfo(client, token, claims["sub"])
    except FAILURES as error:
        log.warning("a sign-in at a provider was refused: %s", type(error).__name__)
        raise Refused("invalid", _("The sign-in was not completed. Start again.")) from error
    return claims


def _get_client(provider: Provider) -> Any:
    """Return a new client, which fetches the provider's metadata and keys anew."""
    return OAuth().register(
        name=provider.key,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def _read_userinfo(client: Any, token: dict[str, Any], subject: str) -> dict[str, Any]:
    info = client.userinfo(token=token)
    if info["sub"] != subject:
        raise ValueError("userinfo of another subject")
    return {name: info[name] for name in ("email", "email_verified") if name in info}
