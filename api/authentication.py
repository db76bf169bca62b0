"""Token authentication, and the actor of a token."""

from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from structlog.contextvars import bind_contextvars

from accounts.access.actors import Actor, actor_of, has_integrator_scope
from accounts.access.tokens import find_valid_token, record_token_use
from accounts.integrator_scopes import INTEGRATOR_SCOPES
from accounts.models import ApiToken
from api.throttling import WrongTokenThrottle
from common.errors import Refused
from webhooks.event_types import get_types_of_scopes

SCHEMES = (b"token", b"bearer")


class ApiTokenAuthentication(TokenAuthentication):
    """Knox tokens in the scheme `Token` or `Bearer`. Invalid tokens are throttled."""

    def authenticate(self, request: Request):  # type: ignore[no-untyped-def]
        """Raises AuthenticationFailed for an invalid token, Throttled after too many from its address."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in SCHEMES:
            return None
        try:
            if len(words) != 2:
                raise AuthenticationFailed(_("Send the header as `Authorization: Bearer` and the token."))
            return self.authenticate_credentials(words[1])
        except AuthenticationFailed:
            wrong = WrongTokenThrottle()
            if not wrong.allow_request(request, None):
                raise Throttled(wrong.wait(), _("Too many invalid tokens from your IP address.")) from None
            raise

    def authenticate_credentials(self, token: bytes):  # type: ignore[no-untyped-def]
        """Fetch the user and the token by its hash in one statement. Knox takes two."""
        now = timezone.now()
        found = find_valid_token(token.decode(errors="replace"), now=now)
        if found is None:
            raise AuthenticationFailed(_("Invalid token."))
        record_token_use(found, now=now)
        bind_contextvars(user=found.user_id)
        return found.user, found


def member(request: Request) -> Actor:
    """Return the actor for calls on an account's own records. Raises Refused `permission_denied` without an account."""
    membership = getattr(request.auth, "membership", None)
    if membership is None:
        raise Refused("permission_denied", _("This token acts for no account."))
    actor = actor_of(membership, "api")
    bind_contextvars(account=actor.own_account.number)
    may_act = actor.may_act and getattr(request.auth, "scope", "") == ApiToken.Scope.APPLY
    return replace(actor, may_act=may_act)


def _has_scope(request: Request, scope: str) -> bool:
    return isinstance(request.auth, ApiToken) and has_integrator_scope(request.auth, scope)


def is_integrator(request: Request) -> bool:
    """Return True for an integrator's token with the scope `orders` (R26)."""
    return _has_scope(request, "orders")


def integrator(request: Request) -> Actor:
    """Return the actor for order writes of all accounts (R26). Raises Refused `permission_denied` for others."""
    if is_integrator(request):
        return Actor(request.user.pk, None, True, "api")
    raise Refused("permission_denied", _("Only integrators may write orders."))


def account_integrator(request: Request) -> Actor:
    """Return the actor for accounts and members (R49). Raises Refused `permission_denied` for others."""
    if _has_scope(request, "accounts"):
        return Actor(request.user.pk, None, True, "api")
    raise Refused("permission_denied", _("Only integrators whose token has the scope “accounts” may do this."))


def member_or_integrator(request: Request) -> Actor:
    """Return the member's actor, or the integrator's, who has no account and sees all orders (R26)."""
    if is_integrator(request):
        return Actor(request.user.pk, None, False, "api")
    return member(request)


def contract_reader(request: Request) -> Actor:
    """Return the member's actor, or that of an integrator with the scope `contracts`, who reads all contracts (R26)."""
    if _has_scope(request, "contracts"):
        return Actor(request.user.pk, None, False, "api")
    return member(request)


def event_reader(request: Request) -> Actor:
    """Return the member's actor, or that of an integrator with scopes that have events, which it reads (R26)."""
    return replace(endpoint_owner(request), may_act=False)


def endpoint_owner(request: Request) -> Actor:
    """Return the member's actor, or that of an integrator with scopes that have events, for its endpoints (R26)."""
    if scopes := _scopes_with_events(request):
        return Actor(request.user.pk, None, True, "api", scopes=scopes)
    return member(request)


def _scopes_with_events(request: Request) -> tuple[str, ...]:
    allowed = (scope for scope in sorted(INTEGRATOR_SCOPES) if _has_scope(request, scope))
    return tuple(scope for scope in allowed if get_types_of_scopes([scope]))
