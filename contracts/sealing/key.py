"""The seal that the settings name, and whether it may be used today. Only sealing uses this."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from contracts.sealing.in_file import seal_in_file, unreadable
from contracts.sealing.in_token import TokenPlace, seal_in_token
from contracts.sealing.signer import TEST_MARK, LoadedSeal, SealUnavailable

__all__ = ["TEST_MARK", "LoadedSeal", "SealUnavailable", "configured_seal", "require_seal_at_start", "usable_seal"]


def usable_seal() -> LoadedSeal:
    """The configured seal, if it may be used today. Raises SealUnavailable."""
    loaded = configured_seal()
    if loaded.is_test and not settings.SEAL_ALLOW_TEST:
        raise SealUnavailable(
            _(
                "The configured seal is a test seal, which binds nobody. Set SEAL_P12 to a real seal, "
                "or SEAL_ALLOW_TEST=true to use it all the same."
            )
        )
    now = datetime.now(UTC)
    begins = loaded.certificate.not_valid_before_utc
    if now < begins:
        raise SealUnavailable(
            _(
                "The seal's certificate is not yet valid: it begins on %(day)s at %(time)s UTC. "
                "Check the machine's clock, or wait."
            )
            % {"day": f"{begins:%Y-%m-%d}", "time": f"{begins:%H:%M}"}
        )
    if now > loaded.expires_at:
        raise SealUnavailable(
            _(
                "The seal's certificate expired on %(day)s. Renew it and set SEAL_P12 to the new "
                "file (a test seal: manage.py init_seal --force)."
            )
            % {"day": f"{loaded.expires_at:%Y-%m-%d}"}
        )
    return loaded


def configured_seal() -> LoadedSeal:
    """The seal in the SEAL_P12 file, or in the device that SEAL_PKCS11_MODULE reaches; files are read when they change.

    The device itself is asked on the first signature, or by ready(): its certificates suffice to verify.
    Raises SealUnavailable.
    """
    if settings.SEAL_PKCS11_MODULE:
        place = TokenPlace(
            module=settings.SEAL_PKCS11_MODULE,
            token=settings.SEAL_PKCS11_TOKEN,
            key=settings.SEAL_PKCS11_KEY,
            pin=settings.SEAL_PKCS11_PIN,
        )
        path = Path(settings.SEAL_CERTIFICATES)
        return seal_in_token(path, _changed(path), place)
    if not settings.SEAL_P12:
        raise SealUnavailable(_("SEAL_P12 is not set for this process; see docs/settings.md."))
    path = Path(settings.SEAL_P12)
    return seal_in_file(path, _changed(path), settings.SEAL_P12_PASSPHRASE)


def require_seal_at_start() -> None:
    """For the processes that seal and verify: web and worker. The others work without a seal and are given none.

    Raises ImproperlyConfigured with DEBUG off, in a sentence that names the setting.
    """
    if settings.DEBUG:
        return
    name = "SEAL_PKCS11_MODULE" if settings.SEAL_PKCS11_MODULE else "SEAL_P12"
    if not getattr(settings, name):
        raise ImproperlyConfigured(f"{name} is not set. With DEBUG off it must be; see docs/settings.md.")
    try:
        configured_seal()
    except SealUnavailable as unavailable:
        raise ImproperlyConfigured(f"{name} is no usable seal: {unavailable.detail}") from unavailable


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise unreadable(path, error) from error
