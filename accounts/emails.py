"""Emails about an account and how people sign in (docs/privacy.md)."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.functional import Promise
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.models import CertificationRequest, Membership
from emails.kinds import EmailKind, Facts, register_kind
from emails.models import Notice

RECIPIENT_LEFT = gettext_noop("The recipient no longer acts for the account.")
LINK_EXPIRED = gettext_noop("The link was requested too long ago.")


def get_stored_path(notice: Notice) -> str:
    path: str = notice.facts["path"]
    return path


def register_account_kind(
    name: str,
    label: Promise,
    *,
    words: Callable[[Facts], list[str]],
    facts: Callable[[Facts], list[tuple[str, str]]],
    action: Promise,
    path: Callable[[Notice], str] = get_stored_path,
    times: frozenset[str] = frozenset(),
) -> EmailKind:
    """Register a kind of email to the acting members of an account.

    The facts of its rows must contain `account`, the account number. The email lists `note`, if any, and that number
    after the kind's own facts.
    """

    def account_facts(values: Facts) -> list[tuple[str, str]]:
        note = [(_("Note"), values["note"])] if values.get("note") else []
        return [*facts(values), *note, (_("Account number"), values["account"])]

    reason = gettext_lazy("You receive this automatic email because you act for account %(account)s.")
    return register_kind(
        EmailKind(
            name=name,
            label=label,
            words=words,
            facts=account_facts,
            action=action,
            reason=reason,
            path=path,
            obstacle=_find_account_obstacle,
            times=times,
        )
    )


def _find_account_obstacle(notice: Notice) -> str:
    acting = Membership.objects.acting().filter(account__number=notice.reference, user=notice.user_id)
    return "" if notice.person.is_active and acting.exists() else RECIPIENT_LEFT


def _get_reset_path(_notice: Notice) -> str:
    return reverse("password-reset")


def _name_user(facts: Facts) -> list[tuple[str, str]]:
    return [(_("User name"), facts["user"])]


def register_sign_in_kind(
    name: str,
    label: Promise,
    *,
    words: Callable[[Facts], list[str]],
    facts: Callable[[Facts], list[tuple[str, str]]] = _name_user,
    action: Promise,
    path: Callable[[Notice], str] = _get_reset_path,
    secret_path: Callable[[Notice], str] | None = None,
    obstacle: Callable[[Notice], str],
) -> EmailKind:
    """Register a kind of email to a person about how they sign in."""
    reason = gettext_lazy("You receive this automatic email because it concerns your sign-in.")
    return register_kind(
        EmailKind(
            name=name,
            label=label,
            words=words,
            facts=facts,
            action=action,
            reason=reason,
            path=path,
            secret_path=secret_path,
            obstacle=obstacle,
        )
    )


def get_password_link_path(user: User) -> str:
    """Return the path of the page where the user sets a new password.

    The link works once, expires after PASSWORD_RESET_TIMEOUT seconds, and is invalidated by the next sign-in.
    """
    token = default_token_generator.make_token(user)
    return reverse("password-reset-confirm", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])


def find_user_obstacle(notice: Notice) -> str:
    return "" if notice.person.is_active else RECIPIENT_LEFT


def _find_link_obstacle(notice: Notice) -> str:
    """Return why the link must not be sent: the user is inactive, or the link would have expired by now."""
    late = timezone.now() - notice.created_at >= timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return find_user_obstacle(notice) or (LINK_EXPIRED if late else "")


def _certification_facts(facts: Facts) -> list[tuple[str, str]]:
    kind = CertificationRequest.Kind(facts["kind"]).label
    return [(_("Certification"), str(kind)), (_("Name"), facts["name"])]


def _certification_approved(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: certification approved") % facts,
        _("Account %(account)s is certified under the name %(name)s.") % facts,
        _("New contracts of this account show this name as Party A."),
    ]


def _certification_rejected(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: certification rejected") % facts,
        _("The request to certify account %(account)s under the name %(name)s was rejected.") % facts,
        _("See the reason in the note below. You can submit a new request on the certification page."),
    ]


def _password_link(facts: Facts) -> list[str]:
    return [
        _("Reset your password"),
        _("We received a request to reset the password for this user name."),
        _(
            "The link works once and expires after one hour. If you did not request it, ignore this email: your "
            "password stays unchanged."
        ),
    ]


def _password_changed(facts: Facts) -> list[str]:
    return [
        _("Your password was changed"),
        _("The password for this user name was changed. All its other sessions were signed out."),
        *([_("The API tokens of this user were revoked.")] if facts.get("tokens") else []),
        _("If you did not change it, reset your password immediately and inform your contact person."),
    ]


def _certification_path(_notice: Notice) -> str:
    return reverse("account-certification")


CERTIFICATION_APPROVED = register_account_kind(
    "certification_approved",
    gettext_lazy("Certification approved"),
    words=_certification_approved,
    facts=_certification_facts,
    action=gettext_lazy("Open the certification page"),
    path=_certification_path,
)
CERTIFICATION_REJECTED = register_account_kind(
    "certification_rejected",
    gettext_lazy("Certification rejected"),
    words=_certification_rejected,
    facts=_certification_facts,
    action=gettext_lazy("Open the certification page"),
    path=_certification_path,
)
PASSWORD_LINK = register_sign_in_kind(
    "password_link",
    gettext_lazy("Password reset link"),
    words=_password_link,
    action=gettext_lazy("Set a new password"),
    secret_path=lambda notice: get_password_link_path(notice.person),
    obstacle=_find_link_obstacle,
)
PASSWORD_CHANGED = register_sign_in_kind(
    "password_changed",
    gettext_lazy("Password changed"),
    words=_password_changed,
    action=gettext_lazy("Reset your password"),
    obstacle=find_user_obstacle,
)
