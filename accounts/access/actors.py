"""The gate: for whom a request acts, and whether it may change anything (R26)."""

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import Account, Membership
from common.errors import Refused

Source = Literal["page", "api", "admin", "clock", "command"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, for which account, and from where. The clock and commands have neither user nor account."""

    user_id: int | None
    account: Account | None
    may_act: bool
    source: Source

    @property
    def own_account(self) -> Account:
        """The account acted for. Raises Refused `permission_denied` for those who act for none."""
        if self.account is None:
            raise Refused("permission_denied", _("You act for no account."))
        return self.account

    @property
    def person(self) -> int:
        """The id of the user. Raises Refused `permission_denied` for the clock and for commands."""
        if self.user_id is None:
            raise Refused("permission_denied", _("This is for people to decide."))
        return self.user_id

    def require_no_conflict(self, *, account_id: int, asked_by: int | None = None) -> None:
        """Raises Refused `permission_denied` for staff with an interest in what they decide (R45)."""
        if conflict := conflict_of_interest(self.person, account_id=account_id, asked_by=asked_by):
            raise Refused("permission_denied", conflict)

    def require_to_act(self) -> None:
        """Raises Refused `permission_denied` for one who may only read (R26)."""
        if not self.may_act:
            raise Refused(
                "permission_denied",
                _("Your role only lets you read. Ask an owner or finance member of the account."),
            )


CLOCK = Actor(user_id=None, account=None, may_act=True, source="clock")


def actor_of(membership: Membership, source: Source) -> Actor:
    """The actor of a member: every read is scoped to `account`, every change needs `may_act`."""
    return Actor(membership.user_id, membership.account, membership.may_act, source)


def staff_actor(user: AbstractUser, permission: str) -> Actor:
    """The actor of finance staff deciding something; may act only with `permission` (`app.codename`)."""
    return Actor(user.pk, None, user.is_staff and user.has_perm(permission), "admin")


def conflict_of_interest(user_id: int, *, account_id: int, asked_by: int | None = None) -> str:
    """Return why the user may not decide about the account, or an empty text (R45).

    `asked_by` is the id of the user who made the request that is decided, if there was one.
    """
    if asked_by == user_id:
        return _("You made this request yourself. Another person decides it.")
    if own := Membership.objects.filter(account=account_id, user=user_id).select_related("account").first():
        return _("You are a member of account %(number)s. Another person decides about it.") % {
            "number": own.account.number
        }
    return ""


_integrator_permissions: set[str] = set()


def register_integrator_permission(permission: str) -> None:
    """Add a permission (`app.codename`) that lets a user integrate. Called from the owning app's `ready`."""
    _integrator_permissions.add(permission)


def may_integrate(user: AbstractUser | AnonymousUser) -> bool:
    """Return True for integrators: they read and write what their permission names, for all accounts (R26)."""
    return any(user.has_perm(permission) for permission in _integrator_permissions)
