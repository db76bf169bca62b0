"""Emails about invitations and members of an account (R49)."""

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.emails import RECIPIENT_LEFT, get_password_link_path
from accounts.models import Invitation, Membership
from accounts.people import has_password
from emails.kinds import EmailKind, Facts, register_kind
from emails.models import Notice

OPEN_CONSOLE = gettext_lazy("Open the console")
INVITATION_ENDED = gettext_noop("The invitation was accepted, withdrawn or sent again, or has expired.")


def _register_access_kind(
    name: str,
    label: Promise,
    *,
    words: Callable[[Facts], list[str]],
    action: Promise = OPEN_CONSOLE,
    secret_path: Callable[[Notice], str] | None = None,
) -> EmailKind:
    """Register a kind of email to a user about access to an account."""
    return register_kind(
        EmailKind(
            name=name,
            label=label,
            words=words,
            facts=lambda facts: [
                *([(_("Member"), facts["member"])] if "member" in facts else []),
                (_("Account number"), facts["account"]),
            ],
            action=action,
            reason=gettext_lazy("You receive this automatic email because it concerns your access."),
            path=lambda _notice: reverse("login"),
            secret_path=secret_path,
            obstacle=_find_user_obstacle,
        )
    )


def _register_invitation_kind(
    name: str,
    label: Promise,
    *,
    words: Callable[[Facts], list[str]],
    action: Promise,
    secret_path: Callable[[Notice], str] | None = None,
    obstacle: Callable[[Notice], str] = lambda _notice: "",
) -> EmailKind:
    """Register a kind of email to an invited address, whose person may have no user yet."""
    return register_kind(
        EmailKind(
            name=name,
            label=label,
            words=words,
            facts=_invitation_facts,
            action=action,
            reason=gettext_lazy(
                "You receive this automatic email because an owner of account %(account)s invited you."
            ),
            path=lambda _notice: reverse("login"),
            secret_path=secret_path,
            obstacle=obstacle,
            times=frozenset({"expires_at"}),
        )
    )


def _find_user_obstacle(notice: Notice) -> str:
    return "" if notice.person.is_active else RECIPIENT_LEFT


def _find_invitation_obstacle(notice: Notice) -> str:
    """Return why the link must not be sent: it works no longer."""
    open_ = Invitation.objects.open_at(timezone.now()).filter(pk=notice.facts["invitation"])
    return "" if open_.filter(links_sent=notice.facts["link"]).exists() else INVITATION_ENDED


def _get_invitation_path(notice: Notice) -> str:
    invitation = Invitation.objects.get(pk=notice.facts["invitation"])
    return reverse("invitation", args=[invitation.derive_secret()])


def _get_first_sign_in_path(notice: Notice) -> str:
    """Return where a new member sets a password; one who has a password signs in."""
    return reverse("login") if has_password(notice.person) else get_password_link_path(notice.person)


def _invitation_facts(facts: Facts) -> list[tuple[str, str]]:
    return [
        (_("Role"), str(Membership.Role(facts["role"]).label)),
        (_("Invited by"), facts["invited_by"]),
        *([(_("Valid until"), facts["expires_at"])] if "expires_at" in facts else []),
        (_("Account number"), facts["account"]),
    ]


def _invited(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: you are invited") % facts,
        _("You are invited to become a member of account %(account)s %(party)s.") % facts,
        _("The link works once and for 7 days. If you do not expect the invitation, ignore this email."),
    ]


def _withdrawn(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: your invitation was withdrawn") % facts,
        _("The invitation to become a member of account %(account)s was withdrawn. Its link no longer works.") % facts,
    ]


def _joined(facts: Facts) -> list[str]:
    role = Membership.Role(facts["role"]).label
    return [
        _("Account %(account)s: new member %(member)s") % facts,
        _("%(member)s is now a member of account %(account)s with the role %(role)s.") % {**facts, "role": role},
        _("If this is unexpected, an owner can remove the member on the account's members page."),
    ]


def _added(facts: Facts) -> list[str]:
    role = Membership.Role(facts["role"]).label
    return [
        _("Account %(account)s: your access") % facts,
        _("You are now a member of account %(account)s with the role %(role)s. Your user name is %(user)s.")
        % {**facts, "role": role},
        _(
            "If you have no password yet, set one with the link. It works once and expires after one hour; after that, "
            "request another one on the sign-in page under “Forgot your password?”."
        ),
    ]


def _role_changed(facts: Facts) -> list[str]:
    role = Membership.Role(facts["role"]).label
    return [
        _("Account %(account)s: your role has changed") % facts,
        _("Your role in account %(account)s is now: %(role)s.") % {**facts, "role": role},
        _("Ask an owner of the account if this is unexpected."),
    ]


def _member_removed(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: your access has ended") % facts,
        _("You are no longer a member of account %(account)s. Your API tokens for it were deleted.") % facts,
        _("Ask an owner of the account if this is unexpected."),
    ]


MEMBER_INVITED = _register_invitation_kind(
    "member_invited",
    gettext_lazy("Invitation"),
    words=_invited,
    action=gettext_lazy("Open the invitation"),
    secret_path=_get_invitation_path,
    obstacle=_find_invitation_obstacle,
)
INVITATION_WITHDRAWN = _register_invitation_kind(
    "invitation_withdrawn",
    gettext_lazy("Invitation withdrawn"),
    words=_withdrawn,
    action=OPEN_CONSOLE,
)
MEMBER_JOINED = _register_access_kind("member_joined", gettext_lazy("New member"), words=_joined)
MEMBER_ADDED = _register_access_kind(
    "member_added",
    gettext_lazy("Member added"),
    words=_added,
    action=gettext_lazy("Set a password, or sign in"),
    secret_path=_get_first_sign_in_path,
)
ROLE_CHANGED = _register_access_kind("role_changed", gettext_lazy("Role changed"), words=_role_changed)
MEMBER_REMOVED = _register_access_kind("member_removed", gettext_lazy("Member removed"), words=_member_removed)
