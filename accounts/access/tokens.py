"""Services for API tokens of members (R26)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.crypto import hash_token

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.models import ApiToken, Membership, SecurityEvent
from common.compiled_queries import CompiledQuery, Parameter
from common.errors import Refused
from common.texts import validate_text
from common.transactions import in_transaction

SHOWN_CHARS = 8
"""Number of leading characters of a token shown on pages and in the security log."""
LAST_USED_INTERVAL = timedelta(minutes=1)
"""Minimum time between two updates of `last_used_at`."""
MAX_TOKENS = 20
"""Maximum number of valid tokens per member."""
TOKENS = CompiledQuery(
    lambda: ApiToken.objects.select_related("user", "membership__account").filter(
        pk=Parameter("digest", ApiToken._meta.pk)
    )
)


def get_visible_tokens(membership: Membership) -> QuerySet[ApiToken]:
    """Return the tokens a member may see, newest first: owners see all tokens of the account, others their own."""
    tokens = ApiToken.objects.filter(membership__account=membership.account_id).select_related(
        "user", "membership__account"
    )
    if membership.role != Membership.Role.OWNER:
        tokens = tokens.filter(membership=membership)
    return tokens.order_by("-created", "digest")


@in_transaction
def create_token(
    *, name: str, scope: str = ApiToken.Scope.APPLY, expires_in: timedelta | None = None, by: Actor
) -> tuple[ApiToken, str]:
    """Create a token that acts for the actor in their account; return it and its secret, which is not stored.

    `scope` is read or apply; `expires_in` None means that it never expires.
    Raises Refused: `invalid` without a name, `transition_not_allowed` if the member has MAX_TOKENS.
    """
    by.require_to_act()
    name = validate_text(
        ApiToken, "name", name, pointer="/name", missing=_("Enter the name of the program that will use it.")
    )
    membership = _lock_membership(by)
    valid = ApiToken.objects.filter(membership=membership).exclude(expiry__lt=timezone.now())
    if valid.count() >= MAX_TOKENS:
        raise Refused(
            "transition_not_allowed",
            _("You have the maximum of %(limit)d API tokens. Revoke one first.") % {"limit": MAX_TOKENS},
        )
    token, secret = ApiToken.for_member(membership, name=name, scope=scope, expires_in=expires_in)
    record_token_event(SecurityEvent.Kind.TOKEN_CREATED, token, by_id=by.user_id)
    return token, secret


def find_valid_token(secret: str, *, now: datetime) -> ApiToken | None:
    """Return the valid token with this secret, with user and account, in one query; None if there is none."""
    token = next(iter(TOKENS.rows(digest=hash_token(secret))), None)
    if token is None or not token.user.is_active or (token.expiry and token.expiry < now):
        return None
    return token


def record_token_use(token: ApiToken, *, now: datetime) -> None:
    """Record when the token was last used, at most once per LAST_USED_INTERVAL to avoid a write per request."""
    if token.last_used_at is None or now - token.last_used_at >= LAST_USED_INTERVAL:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


@in_transaction
def revoke_token(*, key: str, by: Actor) -> None:
    """Revoke the token with this `token_key`. Owners may revoke any token of the account, others their own.

    Raises Refused `not_found` if the actor cannot see such a token.
    """
    by.require_to_act()
    token = get_visible_tokens(_lock_membership(by)).filter(token_key=key).first()
    if token is None:
        raise Refused(
            "not_found",
            _("No API token begins with %(key)s. It may have been revoked.") % {"key": key[:SHOWN_CHARS]},
        )
    delete_token(token, by_id=by.user_id)


def delete_token(token: ApiToken, *, by_id: int | None) -> None:
    """Delete the token and record it in the security log, in the caller's transaction."""
    record_token_event(SecurityEvent.Kind.TOKEN_REVOKED, token, by_id=by_id)
    token.delete()


def record_token_event(kind: SecurityEvent.Kind, token: ApiToken, *, by_id: int | None) -> None:
    account = f", account {token.membership.account.number}" if token.membership else ""
    scopes = f" {token.scopes}" if token.scopes else ""
    detail = f"token {token.token_key[:SHOWN_CHARS]}, {token.scope}{scopes}{account}"
    record_security_event(kind=kind, user_id=by_id, about_id=token.user_id, detail=detail)


def _lock_membership(by: Actor) -> Membership:
    """Lock and return the actor's membership. Raises Membership.DoesNotExist if they have left the account."""
    memberships = Membership.objects.select_for_update(of=("self",)).select_related("account", "user")
    return memberships.get(user=by.person, account=by.own_account)
