"""Emails about second factors and one's email address, to the person concerned."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.emails import LINK_EXPIRED, find_user_obstacle, register_sign_in_kind
from emails.kinds import Facts
from emails.models import Notice

FACTOR_NAMES: dict[str, Promise] = {
    "totp": gettext_lazy("Authenticator app"),
    "webauthn": gettext_lazy("Passkey"),
    "recovery_codes": gettext_lazy("Recovery codes"),
}
LINK_REPLACED = gettext_noop("A newer link was requested.")
ADDRESS_TOKENS = signing.TimestampSigner(salt="email-address")


def address_reference(user: User) -> str:
    """Return the reference of emails to an address that the user has not yet, or no longer."""
    return f"user {user.pk}"


def read_address_token(token: str) -> Notice | None:
    """Return the email that the link with this token was sent in; None if it is forged, expired or deleted."""
    try:
        pk = ADDRESS_TOKENS.unsign(token, max_age=settings.PASSWORD_RESET_TIMEOUT)
    except signing.BadSignature:
        return None
    return Notice.objects.filter(pk=pk, kind=ADDRESS_LINK.name).first()


def is_newest_address_link(notice: Notice) -> bool:
    same = Notice.objects.filter(kind=notice.kind, reference=notice.reference)
    return not same.filter(pk__gt=notice.pk).exists()


def _find_address_obstacle(notice: Notice) -> str:
    """Return why the link must not be sent: it would work no longer."""
    if timezone.now() - notice.created_at >= timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT):
        return LINK_EXPIRED
    return "" if is_newest_address_link(notice) else LINK_REPLACED


def _get_address_path(notice: Notice) -> str:
    return reverse("account-security-email-confirm", args=[ADDRESS_TOKENS.sign(str(notice.pk))])


def _factor_facts(facts: Facts) -> list[tuple[str, str]]:
    return [(_("User name"), facts["user"]), (_("Second factor"), str(FACTOR_NAMES[facts["factor"]]))]


def _added(facts: Facts) -> list[str]:
    return [
        _("A second factor was added to your sign-in"),
        _("It is required in addition to your password from now on. Recovery codes replace it if you lose it."),
        _("If you did not add it, reset your password immediately and inform your contact person."),
    ]


def _removed(facts: Facts) -> list[str]:
    return [
        _("A second factor was removed from your sign-in"),
        _("If you did not remove it, reset your password immediately and inform your contact person."),
    ]


def _reset(facts: Facts) -> list[str]:
    return [
        _("Your second factors were reset"),
        _("An operator removed all second factors of this user name and ended its sessions."),
        _("Sign in with your password and set up a new second factor. If you did not ask for this, inform us."),
    ]


def _failed(facts: Facts) -> list[str]:
    return [
        _("A second step of your sign-in failed"),
        _("Someone entered your password correctly, and then a wrong code."),
        _("If it was not you, reset your password immediately."),
    ]


def _address_link(facts: Facts) -> list[str]:
    return [
        _("Confirm your new email address"),
        _("The user %(user)s wants to receive our emails at this address.") % facts,
        _("Open the link within one hour, signed in as this user. If you do not know the user, ignore this email."),
    ]


def _address_changed(facts: Facts) -> list[str]:
    return [
        _("Your email address was changed"),
        _("Emails to the user %(user)s now go to another, confirmed address. This address receives no further emails.")
        % facts,
        _("If you did not change it, inform your contact person immediately."),
    ]


TO_THE_SECURITY_PAGE: dict[str, Any] = {
    "action": gettext_lazy("Open the security page"),
    "path": lambda _notice: reverse("account-security"),
    "obstacle": find_user_obstacle,
}
FACTOR_ADDED = register_sign_in_kind(
    "factor_added",
    gettext_lazy("Second factor added"),
    words=_added,
    facts=_factor_facts,
    **TO_THE_SECURITY_PAGE,
)
FACTOR_REMOVED = register_sign_in_kind(
    "factor_removed",
    gettext_lazy("Second factor removed"),
    words=_removed,
    facts=_factor_facts,
    **TO_THE_SECURITY_PAGE,
)
FACTORS_RESET = register_sign_in_kind(
    "factors_reset",
    gettext_lazy("Second factors reset"),
    words=_reset,
    **TO_THE_SECURITY_PAGE,
)
FACTOR_FAILED = register_sign_in_kind(
    "factor_failed",
    gettext_lazy("Second step failed"),
    words=_failed,
    action=gettext_lazy("Reset your password"),
    obstacle=find_user_obstacle,
)
ADDRESS_LINK = register_sign_in_kind(
    "address_link",
    gettext_lazy("Link to confirm an email address"),
    words=_address_link,
    action=gettext_lazy("Confirm the address"),
    path=lambda _notice: reverse("account-security"),
    secret_path=_get_address_path,
    obstacle=_find_address_obstacle,
)
ADDRESS_CHANGED = register_sign_in_kind(
    "address_changed",
    gettext_lazy("Email address changed"),
    words=_address_changed,
    **(TO_THE_SECURITY_PAGE | {"obstacle": lambda _notice: ""}),
)
