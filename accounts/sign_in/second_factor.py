"""Second factors: authenticator apps (TOTP, RFC 6238), passkeys (WebAuthn) and recovery codes (R50).

The rows are django-allauth's. Codes are checked here, under a lock on the user's factors, so that a code works once and
failures are counted whatever process gets them.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.access.security_log import record_security_event
from accounts.models import SecurityEvent
from accounts.sign_in.adapters import can_decrypt, decrypt
from accounts.sign_in.emails import FACTOR_ADDED, FACTOR_FAILED, FACTOR_REMOVED, FACTORS_RESET
from accounts.sign_in.recovery_codes import hash_code, make_codes
from common.errors import Refused
from common.transactions import in_transaction
from emails.kinds import EmailKind
from emails.models import Notice
from emails.writing import send_emails_after_commit

Kind = SecurityEvent.Kind
Type = Authenticator.Type
OWN_FACTORS = (Type.TOTP, Type.WEBAUTHN)
"""Factors in their own right. Recovery codes only replace a lost one."""
MAX_FAILURES = 5
"""Failed second steps of a user within FAILURE_WINDOW, after which every code is refused."""
FAILURE_WINDOW = timedelta(minutes=15)
MAX_PASSKEYS = 10
LAST_COUNTER = "last_counter"
"""Key in a TOTP factor's data: the time step of the last code that was used."""


def get_factors(user: User) -> "QuerySet[Authenticator]":
    """Return the user's factors, recovery codes included, oldest first."""
    return cast("QuerySet[Authenticator]", Authenticator.objects.filter(user_id=user.pk).order_by("pk"))


def has_second_factor(user: User) -> bool:
    return get_factors(user).filter(type__in=OWN_FACTORS).exists()


def find_totp_counter(secret: str, code: str, *, after: int = -1) -> int | None:
    """Return the time step that the code belongs to, at most one from now; None if wrong or not later than `after`."""
    for counter in yield_hotp_counters_from_time():
        if counter > after and constant_time_compare(format_hotp_value(hotp_value(secret, counter)), code):
            return counter
    return None


@in_transaction
def add_totp(*, user: User, secret: str, code: str) -> list[str]:
    """Add an authenticator app that shows `code` for `secret`. Return recovery codes if this is the first factor.

    Raises Refused: `invalid` for a wrong code, `transition_not_allowed` if the user has an app already.
    """
    factors = _lock(user)
    if any(factor.type == Type.TOTP for factor in factors):
        raise Refused("transition_not_allowed", _("You already use an authenticator app. Remove it first."))
    counter = find_totp_counter(secret, _normalise(code))
    if counter is None:
        raise Refused(
            "invalid", _("Wrong code. Check the time of your device and enter the current code."), pointer="/code"
        )
    factor = TOTP.activate(user, secret).instance
    factor.data[LAST_COUNTER] = counter
    factor.save(update_fields=["data"])
    return _finish_adding(user, factor, factors)


@in_transaction
def add_passkey(*, user: User, name: str, credential: dict[str, Any]) -> list[str]:
    """Add a passkey whose registration was verified. Return recovery codes if this is the first factor.

    Raises Refused `transition_not_allowed` if the user has MAX_PASSKEYS.
    """
    factors = _lock(user)
    if sum(factor.type == Type.WEBAUTHN for factor in factors) >= MAX_PASSKEYS:
        raise Refused(
            "transition_not_allowed",
            _("You have the maximum of %(limit)d passkeys. Remove one first.") % {"limit": MAX_PASSKEYS},
        )
    factor = WebAuthn.add(user, name, credential).instance
    return _finish_adding(user, factor, factors)


@in_transaction
def create_recovery_codes(*, user: User) -> list[str]:
    """Replace the recovery codes and return the new ones, of which only hashes are stored.

    Raises Refused `transition_not_allowed` without a second factor.
    """
    if not any(factor.type in OWN_FACTORS for factor in _lock(user)):
        raise Refused("transition_not_allowed", _("Add an authenticator app or a passkey first."))
    codes = _replace_codes(user)
    _report(Kind.FACTOR_ADDED, FACTOR_ADDED, user, Type.RECOVERY_CODES)
    return codes


@in_transaction
def remove_factor(*, user: User, pk: int, is_required: bool) -> None:
    """Remove an app or a passkey; with the last of them go the recovery codes.

    `is_required`: the last factor must stay (R50). Raises Refused: `not_found`, `transition_not_allowed`.
    """
    own = [factor for factor in _lock(user) if factor.type in OWN_FACTORS]
    factor = next((factor for factor in own if factor.pk == pk), None)
    if factor is None:
        raise Refused("not_found", _("This second factor was already removed."))
    if len(own) == 1:
        if is_required:
            raise Refused("transition_not_allowed", _("You need a second factor. Add another one first."))
        get_factors(user).delete()
    else:
        factor.delete()
    _report(Kind.FACTOR_REMOVED, FACTOR_REMOVED, user, Type(factor.type))


@in_transaction
def reset_second_factors(*, user: User, by_id: int | None) -> int:
    """Remove all factors of a person who lost them, and return their number. Sessions are the caller's."""
    factors = _lock(user)
    get_factors(user).delete()
    record_security_event(kind=Kind.FACTORS_RESET, user_id=by_id, about_id=user.pk, detail=_list_types(factors))
    _notify(user, FACTORS_RESET)
    return len(factors)


@in_transaction
def verify_code(*, user: User, code: str) -> Authenticator | None:
    """Return the factor that the code belongs to, and use the code up; None if it is wrong, which is recorded.

    Raises Refused `throttled` after MAX_FAILURES.
    """
    factors = _lock(user)
    require_attempts_left(user)
    code = _normalise(code)
    factor = next((factor for factor in factors if _use_code(factor, code)), None)
    if factor is None:
        record_failed_step(user, "code")
    return factor


def require_attempts_left(user: User) -> None:
    """Raise Refused `throttled` after MAX_FAILURES failed second steps within FAILURE_WINDOW."""
    failed = SecurityEvent.objects.filter(user=user, kind=Kind.FACTOR_FAILED, at__gt=timezone.now() - FAILURE_WINDOW)
    if failed.count() >= MAX_FAILURES:
        raise Refused("throttled", _("Too many wrong codes. Wait 15 minutes, then try again."))


@in_transaction
def record_failed_step(user: User, detail: str) -> None:
    """Record a failed second step, and email the person, at most once an hour: someone may know the password."""
    record_security_event(kind=Kind.FACTOR_FAILED, user_id=user.pk, detail=detail)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    if not Notice.objects.filter(user=user, kind=FACTOR_FAILED.name, created_at__gt=an_hour_ago).exists():
        _notify(user, FACTOR_FAILED)


def _lock(user: User) -> list[Authenticator]:
    """Lock the user, so that two requests cannot use one code or both remove the last factor; return the factors."""
    User.objects.select_for_update().get(pk=user.pk)
    return list(get_factors(user))


def _use_code(factor: Authenticator, code: str) -> bool:
    """Return True if the code belongs to the factor, and store that it was used."""
    if factor.type == Type.TOTP:
        if not can_decrypt(factor.data["secret"]):  # SECRET_KEY was replaced (docs/sign-in.md)
            return False
        secret = decrypt(factor.data["secret"])
        counter = find_totp_counter(secret, code, after=factor.data.get(LAST_COUNTER, -1))
        if counter is None:
            return False
        factor.data[LAST_COUNTER] = counter
    elif factor.type == Type.RECOVERY_CODES and hash_code(code) in factor.data["hashes"]:
        factor.data["hashes"].remove(hash_code(code))
    else:
        return False
    factor.save(update_fields=["data"])
    return True


def _finish_adding(user: User, factor: Authenticator, earlier: list[Authenticator]) -> list[str]:
    _report(Kind.FACTOR_ADDED, FACTOR_ADDED, user, Type(factor.type))
    return _replace_codes(user) if not earlier else []


def _replace_codes(user: User) -> list[str]:
    codes = make_codes()
    Authenticator.objects.filter(user_id=user.pk, type=Type.RECOVERY_CODES).delete()
    hashes = [hash_code(_normalise(code)) for code in codes]
    Authenticator.objects.create(user_id=user.pk, type=Type.RECOVERY_CODES, data={"hashes": hashes})
    return codes


def _normalise(code: str) -> str:
    """Return the code without the spaces and hyphens that people type, in capitals."""
    return "".join(char for char in code if char.isalnum()).upper()


def _report(event: SecurityEvent.Kind, email: EmailKind, user: User, factor_type: Any) -> None:
    record_security_event(kind=event, user_id=user.pk, detail=str(factor_type.value))
    _notify(user, email, factor=str(factor_type.value))


def _notify(user: User, kind: EmailKind, **facts: str) -> None:
    if not user.email:
        return
    now = timezone.now()
    Notice.objects.create(user=user, kind=kind.name, facts=facts, due_at=now, created_at=now)
    send_emails_after_commit()


def _list_types(factors: Iterable[Authenticator]) -> str:
    return ", ".join(factor.type for factor in factors)
