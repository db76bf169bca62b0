"""Emails about second factors, to the person concerned."""

from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.emails import find_user_obstacle, register_sign_in_kind
from emails.kinds import Facts

FACTOR_NAMES: dict[str, Promise] = {
    "totp": gettext_lazy("Authenticator app"),
    "webauthn": gettext_lazy("Passkey"),
    "recovery_codes": gettext_lazy("Recovery codes"),
}


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
