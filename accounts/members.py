"""Members of an account: owners change roles and rights, and remove members (R26, R44)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.emails import MEMBER_REMOVED, ROLE_CHANGED
from accounts.models import Account, Membership, SecurityEvent
from accounts.notices import notify_members
from accounts.settings import require_owner, require_two_people
from common.errors import Refused
from common.transactions import in_transaction


@in_transaction
def change_member(*, member: Membership, role: str, is_approver: bool, by: Actor) -> Membership:
    """Change a member's role, and whether it may approve conversions. Return it fresh.

    Only finance members keep the right as such: owners have it anyway, and viewers never. Raises Refused:
    `permission_denied` unless the actor is an owner; `invalid` for an unknown role; `transition_not_allowed` for the
    last owner; and like `require_two_people`.
    """
    account, member = _lock(member, by=by)
    if role not in Membership.Role.values:
        raise Refused("invalid", _("This is not a role."), pointer="/role")
    is_approver = is_approver and role == Membership.Role.FINANCE
    if (member.role, member.is_approver) == (role, is_approver):
        return member
    member.role, member.is_approver = role, is_approver
    member.save(update_fields=["role", "is_approver"])
    _require_people(account)
    right = f"{role}, approver" if is_approver else role
    _record(account, member, by, right)
    notify_members(account, [member], ROLE_CHANGED, {"role": role}, at=timezone.now())
    return member


@in_transaction
def remove_member(*, member: Membership, by: Actor) -> None:
    """Remove a member and its API tokens for this account. Its contracts and other acts stay.

    Raises Refused like `change_member`. Owners can remove themselves if another owner stays.
    """
    account, member = _lock(member, by=by)
    _record(account, member, by, "removed")
    notify_members(account, [member], MEMBER_REMOVED, {}, at=timezone.now())
    member.delete()
    _require_people(account)


def _lock(member: Membership, *, by: Actor) -> tuple[Account, Membership]:
    """Lock the actor's account, so that two owners cannot remove each other, and reload the member in it."""
    account = Account.objects.select_for_update().get(pk=by.own_account.pk)
    require_owner(by)
    found = account.memberships.select_related("user").filter(pk=member.pk).first()
    if found is None:
        raise Refused("not_found", _("This person is not a member any more."))
    return account, found


def _require_people(account: Account) -> None:
    """Raise Refused if the account, as changed, has no owner or nobody who could approve."""
    owners = account.memberships.filter(role=Membership.Role.OWNER, user__is_active=True)
    if not owners.exists():
        raise Refused("transition_not_allowed", _("The account needs an owner. Make another member an owner first."))
    require_two_people(account)


def _record(account: Account, member: Membership, by: Actor, right: str) -> None:
    record_security_event(
        kind=SecurityEvent.Kind.ROLE_CHANGED,
        user_id=by.person,
        about_id=member.user_id,
        detail=f"account {account.number}: {right}",
    )
