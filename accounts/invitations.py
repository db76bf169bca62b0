"""Invitations: owners invite people by email, and the invited accept by the link in it (R49)."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.email_addresses import read_email_address
from accounts.member_emails import INVITATION_WITHDRAWN, MEMBER_INVITED
from accounts.members import (
    already_member_message,
    lock_to_manage_members,
    notify_owners,
    require_role,
    require_room,
)
from accounts.models import Account, Invitation, Membership, SecurityEvent
from accounts.models.invitation import digest_secret
from accounts.notices import notify_address
from accounts.people import People, find_user_by_email
from common.errors import Refused
from common.transactions import in_transaction, retry_on_conflict
from emails.models import Notice

MAX_OPEN_INVITATIONS = 50
"""Maximum number of open invitations of an account."""
MAX_LINKS_A_DAY = 100
"""Maximum number of links that an account sends within 24 hours."""
Kind = SecurityEvent.Kind
ENDED = {
    Invitation.Status.ACCEPTED: gettext_noop("This invitation has already been accepted."),
    Invitation.Status.WITHDRAWN: gettext_noop(
        "This invitation was withdrawn. Ask an owner of the account for a new one."
    ),
    Invitation.Status.OPEN: gettext_noop("This invitation has expired. Ask an owner of the account for a new one."),
}
"""Why an invitation cannot be accepted, by status."""


@in_transaction
def invite_member(*, email: str, role: str, by: Actor) -> Invitation:
    """Invite an address to the actor's account, and send it a link that is valid for INVITATION_TTL.

    Raises Refused: `permission_denied` unless the actor is an owner; `invalid` for a wrong address or role;
    `transition_not_allowed` for a member, an address with an open invitation, or too many of them; `throttled`.
    """
    account = lock_to_manage_members(by.own_account.pk, by=by)
    email = read_email_address(email, pointer="/email")
    require_role(role)
    if account.memberships.filter(user__email__iexact=email).exists():
        raise Refused("transition_not_allowed", already_member_message(), pointer="/email")
    require_room(account)
    now = timezone.now()
    _require_no_open_invitation(account, email, now)
    invitation = Invitation(account=account, email=email, role=role, invited_by_id=by.person, invited_at=now)
    _send_link(invitation, at=now)
    _record(Kind.MEMBER_INVITED, invitation, user_id=by.person)
    return invitation


@in_transaction
def resend_invitation(*, invitation: Invitation, by: Actor) -> Invitation:
    """Send a new link, valid for INVITATION_TTL, also after the invitation expired. Earlier links stop working.

    Raises Refused like `invite_member`, and `transition_not_allowed` if it was accepted or withdrawn.
    """
    invitation = _lock_own(invitation, by=by)
    _send_link(invitation, at=timezone.now())
    _record(Kind.INVITATION_RESENT, invitation, user_id=by.person)
    return invitation


@in_transaction
def withdraw_invitation(*, invitation: Invitation, by: Actor) -> Invitation:
    """Withdraw an invitation, and tell the address. Raises Refused like `resend_invitation`."""
    invitation = _lock_own(invitation, by=by)
    now = timezone.now()
    invitation.withdraw(at=now)
    invitation.save(update_fields=["status", "ended_at"])
    _record(Kind.INVITATION_WITHDRAWN, invitation, user_id=by.person)
    facts = {"role": invitation.role, "invited_by": _name_inviter(invitation)}
    notify_address(invitation.account, invitation.email, INVITATION_WITHDRAWN, facts, at=now)
    return invitation


def get_open_invitation(secret: str) -> Invitation:
    """Return the invitation with this secret in its link.

    Raises Refused: `not_found` for an unknown link, `transition_not_allowed` if it has ended or expired.
    """
    invitation = Invitation.objects.select_related("account").filter(link_digest=digest_secret(secret)).first()
    if invitation is None:
        raise Refused(
            "not_found",
            _("There is no invitation with this link. If you got several emails, use the link in the last."),
        )
    _require_open(invitation)
    return invitation


@in_transaction
def accept_invitation(*, invitation: Invitation, user: User) -> Membership:
    """Make the user, to whose address the invitation was sent, a member.

    Raises Refused: `permission_denied` for another address; `transition_not_allowed` if the invitation has ended or
    the user is a member.
    """
    invitation = _lock_to_accept(invitation)
    if not is_for(invitation, user):
        raise Refused("permission_denied", _("This invitation is for another email address than yours."))
    if invitation.account.memberships.filter(user=user).exists():
        raise Refused("transition_not_allowed", _("You are already a member of this account."))
    return _join(invitation, user)


@retry_on_conflict
@in_transaction
def join_as_new_user(*, invitation: Invitation, username: str, password: str) -> Membership:
    """Create a user with the invited address and this validated password, and make it a member.

    Raises Refused: `invalid` for a wrong or taken user name; `transition_not_allowed` if the invitation has ended or
    the address belongs to a user, who must sign in instead.
    """
    invitation = _lock_to_accept(invitation)
    people = People.load(usernames=[username], emails=[invitation.email])
    if people.find_by_email(invitation.email):
        raise Refused("transition_not_allowed", _("A user with this address exists. Sign in to accept the invitation."))
    user = people.build(username=username, email=invitation.email)
    user.set_password(password)
    user.save()
    return _join(invitation, user)


def is_for(invitation: Invitation, user: User) -> bool:
    return user.email.casefold() == invitation.email.casefold()


def has_user(invitation: Invitation) -> bool:
    """Return True if the invited address belongs to a user."""
    return find_user_by_email(invitation.email) is not None


def _join(invitation: Invitation, user: User) -> Membership:
    require_room(invitation.account)
    invitation.accept(at=timezone.now())
    invitation.save(update_fields=["status", "ended_at"])
    member = Membership.objects.create(account=invitation.account, user=user, role=invitation.role)
    _record(Kind.INVITATION_ACCEPTED, invitation, user_id=user.pk)
    notify_owners(invitation.account, member)
    return member


def _lock_own(invitation: Invitation, *, by: Actor) -> Invitation:
    """Lock the actor's account and reload the invitation in it. Raises Refused unless it is open or has expired."""
    account = lock_to_manage_members(by.own_account.pk, by=by)
    invitations = account.invitations.select_for_update(of=("self",)).select_related("account", "invited_by")
    found = invitations.filter(pk=invitation.pk).first()
    if found is None:
        raise Refused("not_found", _("There is no such invitation any more."))
    if found.status != Invitation.Status.OPEN:
        raise Refused("transition_not_allowed", _(ENDED[Invitation.Status(found.status)]))
    return found


def _lock_to_accept(invitation: Invitation) -> Invitation:
    """Lock the account, then all open invitations of the address, and return this one reloaded.

    All of them, because two new users with the same address could otherwise be created at once.
    """
    account = Account.objects.select_for_update().get(pk=invitation.account_id)
    of_address = Invitation.objects.select_for_update().filter(email__iexact=invitation.email).order_by("pk")
    found = {row.pk: row for row in of_address}.get(invitation.pk)
    if found is None:
        raise Refused("not_found", _("There is no such invitation any more."))
    _require_open(found)
    found.account = account
    return found


def _require_open(invitation: Invitation) -> None:
    if invitation.status != Invitation.Status.OPEN or invitation.is_expired:
        raise Refused("transition_not_allowed", _(ENDED[Invitation.Status(invitation.status)]))


def _require_no_open_invitation(account: Account, email: str, now: datetime) -> None:
    """Raise Refused if the address is invited, or if there are too many invitations. End the address's expired one."""
    open_ = account.invitations.open_at(now)
    if open_.filter(email__iexact=email).exists():
        detail = _("This address is already invited. You can send the invitation again.")
        raise Refused("transition_not_allowed", detail, pointer="/email")
    if open_.count() >= MAX_OPEN_INVITATIONS:
        detail = _("The account has the maximum of %(limit)d open invitations. Withdraw one first.")
        raise Refused("transition_not_allowed", detail % {"limit": MAX_OPEN_INVITATIONS})
    for expired in account.invitations.filter(email__iexact=email, status=Invitation.Status.OPEN):
        expired.withdraw(at=now)
        expired.save(update_fields=["status", "ended_at"])


def _send_link(invitation: Invitation, *, at: datetime) -> None:
    """Save the invitation with a new link, and write the email. Raises Refused `throttled`."""
    account = invitation.account
    sent = Notice.objects.filter(
        kind=MEMBER_INVITED.name, reference=account.number, created_at__gt=at - timedelta(days=1)
    )
    if sent.count() >= MAX_LINKS_A_DAY:
        detail = _("The account has sent %(limit)d invitations within 24 hours. Try again tomorrow.")
        headers = {"Retry-After": str(60 * 60)}
        raise Refused("throttled", detail % {"limit": MAX_LINKS_A_DAY}, headers=headers)
    invitation.renew_link(at=at)
    invitation.save()
    facts = {
        "party": account.certified_name,
        "role": invitation.role,
        "invited_by": _name_inviter(invitation),
        "invitation": str(invitation.pk),
        "link": str(invitation.links_sent),
        "expires_at": invitation.expires_at.isoformat(),
    }
    notify_address(account, invitation.email, MEMBER_INVITED, facts, at=at)


def _name_inviter(invitation: Invitation) -> str:
    return invitation.invited_by.get_username() if invitation.invited_by else "—"


def _record(kind: SecurityEvent.Kind, invitation: Invitation, *, user_id: int) -> None:
    """Record the change without the address, which is personal."""
    detail = f"account {invitation.account.number}: {invitation.role}, invitation {invitation.pk}"
    record_security_event(kind=kind, user_id=user_id, detail=detail)
