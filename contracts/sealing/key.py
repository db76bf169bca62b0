"""Load the configured seal and check that it may be used today. For sealing only."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from contracts.sealing.pkcs11 import TokenLocation, seal_in_token
from contracts.sealing.pkcs12 import seal_in_file, unreadable
from contracts.sealing.signer import TEST_MARK, LoadedSeal, SealUnavailable

__all__ = [
    "TEST_MARK",
    "LoadedSeal",
    "SealUnavailable",
    "configured_seal",
    "require_in_time",
    "require_seal_at_start",
    "usable_seal",
]


def usable_seal() -> LoadedSeal:
    """Return the configured seal if it may be used today. Raises SealUnavailable."""
    loaded = configured_seal()
    if loaded.is_test and not settings.SEAL_ALLOW_TEST:
        raise SealUnavailable(
            _(
                "The configured seal is a test seal, which is not legally binding. Set SEAL_P12 to a real seal, "
                "or SEAL_ALLOW_TEST=true to use it anyway."
            )
        )
    renew = _("Renew it and set SEAL_P12 to the new file (a test seal: manage.py init_seal --force).")
    require_in_time(loaded, renew=renew)
    return loaded


def require_in_time(loaded: LoadedSeal, *, renew: str) -> None:
    """Require that the certificate is valid now. `renew` says how to renew it. Raises SealUnavailable."""
    now = datetime.now(UTC)
    begins = loaded.certificate.not_valid_before_utc
    if now < begins:
        raise SealUnavailable(
            _(
                "The seal's certificate is not yet valid: it starts on %(day)s at %(time)s UTC. "
                "Check the machine's clock, or wait."
            )
            % {"day": f"{begins:%Y-%m-%d}", "time": f"{begins:%H:%M}"}
        )
    if now > loaded.expires_at:
        raise SealUnavailable(
            _("The seal's certificate expired on %(day)s. %(renew)s")
            % {"day": f"{loaded.expires_at:%Y-%m-%d}", "renew": renew}
        )


def configured_seal() -> LoadedSeal:
    """Return the seal of SEAL_P12, or of the device of SEAL_PKCS11_MODULE. Files are read again if they change.

    The device is only contacted for the first signature, or by ready(): verifying just needs its certificates. Raises
    SealUnavailable.
    """
    if settings.SEAL_PKCS11_MODULE:
        place = TokenLocation(
            module=settings.SEAL_PKCS11_MODULE,
            token=settings.SEAL_PKCS11_TOKEN,
            key=settings.SEAL_PKCS11_KEY,
            pin=settings.SEAL_PKCS11_PIN,
        )
        path = Path(settings.SEAL_CERTIFICATES)
        return seal_in_token(path, _modified_ns(path), place)
    if not settings.SEAL_P12:
        raise SealUnavailable(_("SEAL_P12 is not set for this process; see docs/settings.md."))
    path = Path(settings.SEAL_P12)
    return seal_in_file(path, _modified_ns(path), settings.SEAL_P12_PASSPHRASE)


def require_seal_at_start() -> None:
    """Check the seal's settings in web and worker, which seal and verify. Other processes have no seal.

    Raises ImproperlyConfigured naming the setting, if DEBUG is off.
    """
    if settings.DEBUG:
        return
    name = "SEAL_PKCS11_MODULE" if settings.SEAL_PKCS11_MODULE else "SEAL_P12"
    if not getattr(settings, name):
        raise ImproperlyConfigured(f"{name} is not set. With DEBUG off it must be; see docs/settings.md.")
    try:
        configured_seal()
    except SealUnavailable as unavailable:
        raise ImproperlyConfigured(f"{name} is not a usable seal: {unavailable.detail}") from unavailable


def _modified_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise unreadable(path, error) from error
