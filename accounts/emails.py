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

LEFT = gettext_noop("The recipient does not act for the account any more.")
TOO_LATE = gettext_noop("The link was asked for too long ago.")


def account_kind(
    name: str,
    label: Promise,
    *,
    words: Callable[[Facts], list[str]],
    facts: Callable[[Facts], list[tuple[str, str]]],
    action: Promise,
    path: Callable[[Notice], str],
    times: frozenset[str] = frozenset(),
) -> EmailKind:
    """Register a kind of email to the members who act for an account; `facts` of its rows hold `account`, its number.

    Its facts end with `note`, where there is one, and the account number.
    """

    def account_facts(given: Facts) -> list[tuple[str, str]]:
        note = [(_("Note"), given["note"])] if given.get("note") else []
        return [*facts(given), *note, (_("Account number"), given["account"])]

    reason = gettext_lazy("You get this email because you act for account %(account)s. It was sent automatically.")
    return register_kind(
        EmailKind(
            name=name,
            label=label,
            words=words,
            facts=account_facts,
            action=action,
            reason=reason,
            path=path,
            obstacle=_acts_no_more,
            times=times,
        )
    )


def _acts_no_more(notice: Notice) -> str:
    acting = Membership.objects.acting().filter(account__number=notice.reference, user=notice.user_id)
    return "" if notice.user.is_active and acting.exists() else LEFT


def _password_kind(
    name: str,
    label: Promise,
    *,
    words: Callable[[Facts], list[str]],
    action: Promise,
    secret_path: Callable[[Notice], str] | None = None,
    obstacle: Callable[[Notice], str],
) -> EmailKind:
    reason = gettext_lazy("You get this email because it is about how you sign in. It was sent automatically.")
    return register_kind(
        EmailKind(
            name=name,
            label=label,
            words=words,
            facts=_password_facts,
            action=action,
            reason=reason,
            path=lambda _notice: reverse("password-reset"),
            secret_path=secret_path,
            obstacle=obstacle,
        )
    )


def path_of_link(user: User) -> str:
    """Return the path of the page where the person sets a new password.

    It works once, for PASSWORD_RESET_TIMEOUT seconds, and ends with the next sign-in.
    """
    token = default_token_generator.make_token(user)
    return reverse("password-reset-confirm", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])


def _left(notice: Notice) -> str:
    return "" if notice.user.is_active else LEFT


def _link_is_late(notice: Notice) -> str:
    """A link that was requested so long ago would have ended by now."""
    late = timezone.now() - notice.created_at >= timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return _left(notice) or (TOO_LATE if late else "")


def _certification_facts(facts: Facts) -> list[tuple[str, str]]:
    kind = CertificationRequest.Kind(facts["kind"]).label
    return [(_("Certification"), str(kind)), (_("Name"), facts["name"])]


def _password_facts(facts: Facts) -> list[tuple[str, str]]:
    return [(_("User name"), facts["user"])]


def _certification_approved(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: certification approved") % facts,
        _("Account %(account)s is certified under the name %(name)s.") % facts,
        _("New contracts of the account name it as Party A."),
    ]


def _certification_rejected(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: certification rejected") % facts,
        _("The request to certify account %(account)s under the name %(name)s was rejected.") % facts,
        _("The note below says why. You can send a new request on the certification page."),
    ]


def _password_link(facts: Facts) -> list[str]:
    return [
        _("A link to set a new password"),
        _("Somebody, you we hope, asked for a new password for the user name below."),
        _("The link works once, for one hour. If it was not you, do nothing: your password stays as it is."),
    ]


def _password_changed(facts: Facts) -> list[str]:
    return [
        _("Your password was changed"),
        _("The password of the user name below was changed. Whoever was signed in with it is signed out."),
        *([_("This person's API tokens were revoked.")] if facts.get("tokens") else []),
        _("If it was not you, ask for a new password at once, and tell your contact person."),
    ]


def _certification_path(_notice: Notice) -> str:
    return reverse("account-certification")


CERTIFICATION_APPROVED = account_kind(
    "certification_approved",
    gettext_lazy("Certification approved"),
    words=_certification_approved,
    facts=_certification_facts,
    action=gettext_lazy("Open the certification page"),
    path=_certification_path,
)
CERTIFICATION_REJECTED = account_kind(
    "certification_rejected",
    gettext_lazy("Certification rejected"),
    words=_certification_rejected,
    facts=_certification_facts,
    action=gettext_lazy("Open the certification page"),
    path=_certification_path,
)
PASSWORD_LINK = _password_kind(
    "password_link",
    gettext_lazy("Link for a new password"),
    words=_password_link,
    action=gettext_lazy("Set a new password"),
    secret_path=lambda notice: path_of_link(notice.user),
    obstacle=_link_is_late,
)
PASSWORD_CHANGED = _password_kind(
    "password_changed",
    gettext_lazy("Password changed"),
    words=_password_changed,
    action=gettext_lazy("Ask for a new password"),
    obstacle=_left,
)
