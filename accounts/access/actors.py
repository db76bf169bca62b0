"""Actors: who makes a change, for which account, and with which permission (R26)."""

from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.utils.translation import gettext as _

from accounts.integrator_scopes import INTEGRATOR_SCOPES
from accounts.models import Account, ApiToken, Membership
from common.errors import Refused

Source = Literal["page", "api", "admin", "clock", "command"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The origin of a change: user, account, permission and source. The scheduler and commands have no user."""

    user_id: int | None
    account: Account | None
    may_act: bool
    source: Source
    may_approve: bool = False
    """Whether it may approve conversions that others requested (R44)."""
    proposed_by: int | None = None
    """Id of the user whose proposal the actor confirms (R45)."""
    scopes: tuple[str, ...] = ()
    """An integrator's scopes, for what it owns itself."""

    @property
    def own_account(self) -> Account:
        """The actor's account. Raises Refused `permission_denied` if there is none."""
        if self.account is None:
            raise Refused("permission_denied", _("You do not act for an account."))
        return self.account

    @property
    def person(self) -> int:
        """The user's id. Raises Refused `permission_denied` for the scheduler and commands."""
        if self.user_id is None:
            raise Refused("permission_denied", _("Only a person can decide this."))
        return self.user_id

    def require_no_conflict(self, *, account_id: int, asked_by: int | None = None) -> None:
        """Raise Refused `permission_denied` for staff with a conflict of interest (R45)."""
        if conflict := conflict_of_interest(self.person, account_id=account_id, asked_by=asked_by):
            raise Refused("permission_denied", conflict)

    def require_second_person(self) -> None:
        """Raise Refused `permission_denied` if FOUR_EYES is on and nobody else has proposed the act (R45)."""
        if settings.FOUR_EYES and self.proposed_by in (None, self.person):
            raise Refused("permission_denied", _("This takes two people. Propose it; someone else must confirm it."))

    def require_to_act(self) -> None:
        """Raise Refused `permission_denied` for an actor with read-only access (R26)."""
        if not self.may_act:
            raise Refused(
                "permission_denied",
                _("Your role is read-only. Ask an owner or finance member of the account."),
            )


CLOCK = Actor(user_id=None, account=None, may_act=True, source="clock")
COMMAND = Actor(user_id=None, account=None, may_act=True, source="command")


def actor_of(membership: Membership, source: Source) -> Actor:
    """Return the actor of a member. Reads are scoped to its account; changes require `may_act`."""
    return Actor(membership.user_id, membership.account, membership.may_act, source, membership.may_approve)


def staff_actor(user: AbstractUser, permission: str) -> Actor:
    """Return the actor of a staff member, who may act only with `permission` (`app.codename`)."""
    return Actor(user.pk, None, user.is_staff and user.has_perm(permission), "admin")


def conflict_of_interest(user_id: int, *, account_id: int, asked_by: int | None = None) -> str:
    """Return why the user may not decide about the account, or an empty string (R45).

    `asked_by`: id of the user who made the request to be decided, if any.
    """
    if asked_by == user_id:
        return _("You made this request yourself. Someone else must decide it.")
    if own := Membership.objects.filter(account=account_id, user=user_id).select_related("account").first():
        return _("You are a member of account %(number)s. Someone else must decide.") % {"number": own.account.number}
    return ""


def get_integrator_scopes(user: AbstractUser | AnonymousUser) -> list[str]:
    """Return the scopes that the user's tokens can have as an integrator's (R26); empty for everybody else."""
    return [scope for scope, permission in sorted(INTEGRATOR_SCOPES.items()) if user.has_perm(permission)]


def can_integrate(user: AbstractUser | AnonymousUser) -> bool:
    """Return True for an integrator, who reads and writes certain records of all accounts (R26)."""
    return bool(get_integrator_scopes(user))


def has_integrator_scope(token: ApiToken, scope: str) -> bool:
    """Return True if the token and its user's permissions both allow the scope (R26)."""
    if token.membership_id is not None or scope not in token.scopes.split():
        return False
    return token.user.has_perm(INTEGRATOR_SCOPES[scope])
