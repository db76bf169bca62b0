"""API tokens of members: who may see, make and revoke which (R26)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.crypto import hash_token

from accounts.access.actors import Actor
from accounts.models import ApiToken, Membership, SecurityEvent
from accounts.sign_in.security_log import record_security_event
from common.errors import Refused
from common.texts import fitting
from common.transactions import in_transaction

SHOWN_CHARS = 8
"""Characters of a token that pages and the security log show, to recognise it by."""
NOTED_EVERY = timedelta(minutes=1)
MOST_TOKENS = 20
"""Valid ones of one member. Whoever needs more has forgotten to revoke some."""


def tokens_seen_by(membership: Membership) -> QuerySet[ApiToken]:
    """Newest first: an owner sees those of the whole account, everybody else their own."""
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
    """A new token that acts for the actor in their account, and its secret, which nothing can show again.

    `scope` is read or apply; None expires never. Raises Refused: `invalid` without a name,
    `transition_not_allowed` for one who has `MOST_TOKENS` already.
    """
    by.require_to_act()
    name = fitting(ApiToken, "name", name, pointer="/name", missing=_("Name the program that will use it."))
    membership = _membership(by)
    valid = ApiToken.objects.filter(membership=membership).exclude(expiry__lt=timezone.now())
    if valid.count() >= MOST_TOKENS:
        raise Refused(
            "transition_not_allowed",
            _("You have %(limit)d API tokens, and more are not possible. Revoke one first.") % {"limit": MOST_TOKENS},
        )
    token, secret = ApiToken.for_member(membership, name=name, scope=scope, expires_in=expires_in)
    record_token_event(SecurityEvent.Kind.TOKEN_CREATED, token, by_id=by.user_id)
    return token, secret


def valid_token(secret: str, *, now: datetime) -> ApiToken | None:
    """The token with this secret and whom it acts for, in one statement; None where there is none that is valid."""
    tokens = ApiToken.objects.select_related("user", "membership__account")
    token = tokens.filter(pk=hash_token(secret)).first()
    if token is None or not token.user.is_active or (token.expiry and token.expiry < now):
        return None
    return token


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Take down when the token was last used, once a minute at most: reading should not mean writing every time."""
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


@in_transaction
def revoke_token(*, key: str, by: Actor) -> None:
    """End the token whose first characters (`token_key`) are `key`: an owner any of the account, others their own.

    Raises Refused `not_found` where the actor sees no such token, or not any more.
    """
    by.require_to_act()
    token = tokens_seen_by(_membership(by)).filter(token_key=key).first()
    if token is None:
        raise Refused(
            "not_found",
            _("There is no API token that begins with %(key)s. It may have been revoked already.")
            % {"key": key[:SHOWN_CHARS]},
        )
    delete_token(token, by_id=by.user_id)


def delete_token(token: ApiToken, *, by_id: int | None) -> None:
    """Delete the token, in the caller's transaction, and record it in the security log."""
    record_token_event(SecurityEvent.Kind.TOKEN_REVOKED, token, by_id=by_id)
    token.delete()


def record_token_event(kind: SecurityEvent.Kind, token: ApiToken, *, by_id: int | None) -> None:
    account = f", account {token.membership.account.number}" if token.membership else ""
    detail = f"token {token.token_key[:SHOWN_CHARS]}, {token.scope}{account}"
    record_security_event(kind=kind, user_id=by_id, about_id=token.user_id, detail=detail)


def _membership(by: Actor) -> Membership:
    """The actor's membership, locked. Raises Membership.DoesNotExist for one who has left the account."""
    memberships = Membership.objects.select_for_update(of=("self",)).select_related("account", "user")
    return memberships.get(user=by.person, account=by.own_account)
