"""Seals with a key in a passphrase-protected PKCS #12 file."""

from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from django.utils.translation import gettext as _

from contracts.sealing.signer import LoadedSeal, SealUnavailable, loaded_seal, require_ec_or_rsa

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class _FileKey:
    """A SealKey in memory."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    def sign(self, data: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def ready(self) -> None:
        """Do nothing: the key is in memory."""


@lru_cache(maxsize=16)
def seal_in_file(path: Path, modified_ns: int, passphrase: str) -> LoadedSeal:
    """Load the seal in the file at `path`. `modified_ns`, its modification time, is only part of the cache key.

    Raises SealUnavailable.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        bundle = pkcs12.load_pkcs12(content, passphrase.encode() or None)
    except (ValueError, TypeError) as error:
        raise SealUnavailable(
            _("The seal file %(path)s cannot be opened: SEAL_P12_PASSPHRASE is wrong, or it is not a PKCS #12 file.")
            % {"path": path}
        ) from error
    key = bundle.key
    if key is None or bundle.cert is None or key.public_key() != bundle.cert.certificate.public_key():
        raise SealUnavailable(
            _("The seal file %(path)s does not hold a private key with its certificate. Export both.") % {"path": path}
        )
    require_ec_or_rsa(key.public_key(), path)
    others = [other.certificate for other in bundle.additional_certs]
    return loaded_seal(_FileKey(key), bundle.cert.certificate, others, path, path.parent)  # type: ignore[arg-type]


def unreadable(path: Path, error: OSError) -> SealUnavailable:
    return SealUnavailable(
        _(
            "The seal file %(path)s cannot be read (%(error)s). Set SEAL_P12, or create a test seal with "
            "manage.py init_seal."
        )
        % {"path": path, "error": error.strerror}
    )
