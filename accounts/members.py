"""Members of an account: owners and integrators change roles and rights, and remove members (R26, R44, R49)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.member_emails import MEMBER_ADDED, MEMBER_JOINED, MEMBER_REMOVED, ROLE_CHANGED
from accounts.models import Account, Membership, SecurityEvent
from accounts.notices import notify_members
from accounts.people import People
from accounts.settings import require_owner, require_two_people
from common.errors import Refused
from common.transactions import in_transaction, retry_on_conflict

MAX_MEMBERS = 500
"""Maximum number of members of an account, which pages and the API list at once."""


@retry_on_conflict
@in_transaction
def add_member(*, account: Account, username: str, email: str, role: str, by: Actor) -> Membership:
    """Add a member, and create the user if there is none. For integrators; owners invite people instead (R49).

    A new user gets no password, but a link to set one by email. Raises Refused: `permission_denied`; `invalid` for a
    wrong name, address or role; `transition_not_allowed` for a member, an inactive user, or a name or address of
    somebody else.
    """
    account = lock_to_manage_members(account.pk, by=by)
    require_role(role)
    people = People.load(usernames=[username], emails=[email])
    user = people.get_or_build(username=username, email=email)
    if user.pk and account.memberships.filter(user=user).exists():
        raise Refused("transition_not_allowed", already_member_message(), pointer="/username")
    require_room(account)
    if not user.pk:
        user.save()
    member = Membership.objects.create(account=account, user=user, role=role)
    record_change(account, member, by, f"{role}, added")
    notify_members(account, [member], MEMBER_ADDED, {"role": role}, at=timezone.now())
    notify_owners(account, member)
    return member


@in_transaction
def change_member(*, member: Membership, role: str, is_approver: bool, by: Actor) -> Membership:
    """Change a member's role, and whether it may approve conversions. Return it fresh.

    Only finance members keep the right as such: owners have it anyway, and viewers never. Raises Refused:
    `permission_denied` unless the actor is an owner or an integrator; `invalid` for an unknown role;
    `transition_not_allowed` for the last owner; and like `require_two_people`.
    """
    account, member = _lock(member, by=by)
    require_role(role)
    is_approver = is_approver and role == Membership.Role.FINANCE
    if (member.role, member.is_approver) == (role, is_approver):
        return member
    member.role, member.is_approver = role, is_approver
    member.save(update_fields=["role", "is_approver"])
    _require_people(account)
    right = f"{role}, approver" if is_approver else role
    record_change(account, member, by, right)
    notify_members(account, [member], ROLE_CHANGED, {"role": role}, at=timezone.now())
    return member


@in_transaction
def remove_member(*, member: Membership, by: Actor) -> None:
    """Remove a member and its API tokens for this account. Its contracts and other acts stay.

    Raises Refused like `change_member`. Owners can remove themselves if another owner stays.
    """
    account, member = _lock(member, by=by)
    record_change(account, member, by, "removed")
    notify_members(account, [member], MEMBER_REMOVED, {}, at=timezone.now())
    member.delete()
    _require_people(account)


def lock_to_manage_members(account_id: int, *, by: Actor) -> Account:
    """Lock and return the account, so that two owners cannot remove each other.

    Raises Refused `permission_denied` unless the actor is an owner of it, or an integrator without a conflict of
    interest (R45).
    """
    account = Account.objects.select_for_update().get(pk=account_id)
    if by.account is None:
        by.require_to_act()
        by.require_no_conflict(account_id=account.pk)
    else:
        require_owner(by)
    return account


def _lock(member: Membership, *, by: Actor) -> tuple[Account, Membership]:
    """Lock the account, and reload the member in it. For owners it is their own account."""
    account = lock_to_manage_members(by.account.pk if by.account else member.account_id, by=by)
    found = account.memberships.select_related("user").filter(pk=member.pk).first()
    if found is None:
        raise Refused("not_found", _("This person is not a member any more."))
    return account, found


def require_role(role: str) -> None:
    if role not in Membership.Role.values:
        raise Refused("invalid", _("This is not a role."), pointer="/role")


def require_room(account: Account) -> None:
    """Raise Refused `transition_not_allowed` if the account has MAX_MEMBERS."""
    if account.memberships.count() >= MAX_MEMBERS:
        detail = _("The account has the maximum of %(limit)d members. Remove one first.") % {"limit": MAX_MEMBERS}
        raise Refused("transition_not_allowed", detail)


def already_member_message() -> str:
    return _("This person is already a member of the account.")


def notify_owners(account: Account, joined: Membership) -> None:
    """Send an email about a new member to the owners, but not to the member."""
    owners = account.memberships.filter(role=Membership.Role.OWNER).exclude(pk=joined.pk)
    facts = {"member": joined.user.get_username(), "role": joined.role}
    notify_members(account, owners, MEMBER_JOINED, facts, at=timezone.now())


def _require_people(account: Account) -> None:
    """Raise Refused if the account, as changed, has no owner or nobody who could approve."""
    owners = account.memberships.filter(role=Membership.Role.OWNER, user__is_active=True)
    if not owners.exists():
        raise Refused("transition_not_allowed", _("The account needs an owner. Make another member an owner first."))
    require_two_people(account)


def record_change(account: Account, member: Membership, by: Actor, right: str) -> None:
    record_security_event(
        kind=SecurityEvent.Kind.ROLE_CHANGED,
        user_id=by.user_id,
        about_id=member.user_id,
        detail=f"account {account.number}: {right}",
    )
