"""Seals with a key in a PKCS #11 device (HSM, smart card, cloud key store), which the key never leaves.

Each process has one connection, guarded by a lock: devices allow few sessions, and modules are rarely thread-safe. A
forked process connects again, as PKCS #11 requires; a lost session is reopened once. A PIN that the device refused is
not tried again, since a few wrong PINs lock the device.
"""

import hashlib
import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.utils.translation import gettext as _

from contracts.sealing.pkcs12 import unreadable
from contracts.sealing.signer import (
    LoadedSeal,
    PublicKey,
    SealUnavailable,
    fingerprint_of_key,
    loaded_seal,
    require_ec_or_rsa,
)
from contracts.sealing.uses import note_use


@dataclass(frozen=True, slots=True)
class TokenLocation:
    """Location of the key: the module's shared library, the labels of token and key, and the PIN."""

    module: str
    token: str
    key: str
    pin: str = field(repr=False)


class _Device:
    """The process's connection to the modules."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sessions: dict[TokenLocation, tuple[Any, Any]] = {}
        """Open sessions, each with the key in it."""
        self.used: set[str] = set()
        """Modules that this process or its parent has initialised. They must be initialised again after a fork."""
        self.refused: dict[TokenLocation, str] = {}
        """Locations whose PIN was refused, with the error sentence."""

    def reset_after_fork(self) -> None:
        """Drop the parent's sessions, and its lock, which another thread may hold."""
        self.lock = threading.Lock()
        self.sessions = {}

    def key(self, place: TokenLocation) -> Any:
        """Return the key's handle in an open session. Raises PKCS11Error."""
        if place not in self.sessions:
            session = self._open(place)
            self.sessions[place] = session, _private_key(session, place)
        return self.sessions[place][1]

    def _open(self, place: TokenLocation) -> Any:
        pkcs11 = _library()
        library = pkcs11.lib(place.module)
        if place.module in self.used:
            with suppress(pkcs11.PKCS11Error):  # modules that detect forks have nothing to finalize
                library.finalize()
            library.initialize()
            self.sessions = {}
        self.used.add(place.module)
        return library.get_token(token_label=place.token).open(user_pin=place.pin)

    def drop(self, place: TokenLocation) -> None:
        session, _key = self.sessions.pop(place, (None, None))
        if session is not None:
            with suppress(_library().PKCS11Error):  # the session may already be closed
                session.close()


_device = _Device()
os.register_at_fork(after_in_child=_device.reset_after_fork)


class TokenKey:
    """A SealKey in a device; `public_key` is from its certificate."""

    def __init__(self, place: TokenLocation, public_key: PublicKey) -> None:
        self._place = place
        self._public_key = public_key

    def sign(self, data: bytes) -> bytes:
        pkcs11 = _library()
        wrong_pin = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked, pkcs11.PinExpired)
        with _device.lock:
            if self._place in _device.refused:
                raise SealUnavailable(_device.refused[self._place])
            try:
                return self._signed(data)
            except wrong_pin as error:
                raise self._refused(error) from error
            except pkcs11.PKCS11Error:
                _device.drop(self._place)  # the session may have been lost: retry once
            try:
                return self._signed(data)
            except wrong_pin as error:
                raise self._refused(error) from error
            except pkcs11.PKCS11Error as error:
                _device.drop(self._place)
                raise SealUnavailable(_describe(error, self._place)) from error

    def _refused(self, error: Exception) -> SealUnavailable:
        sentence = _device.refused[self._place] = _describe(error, self._place)
        return SealUnavailable(sentence)

    def ready(self) -> None:
        if self._place not in _device.sessions:
            self.sign(b"ready")
            note_use(fingerprint_of_key(self._public_key), is_sample=True)

    def _signed(self, data: bytes) -> bytes:
        connected = self._place in _device.sessions
        key = _device.key(self._place)
        if not connected:
            self._require_matching_key(key)
        return _signature(key, self._public_key, data)

    def _require_matching_key(self, key: Any) -> None:
        """Verify a test signature with the certificate's key: not every device reveals the public key."""
        sample = b"Does this key belong to the certificate?"
        signature = _signature(key, self._public_key, sample)
        note_use(fingerprint_of_key(self._public_key), is_sample=True)
        try:
            if isinstance(self._public_key, rsa.RSAPublicKey):
                self._public_key.verify(signature, sample, padding.PKCS1v15(), hashes.SHA256())
            else:
                self._public_key.verify(signature, sample, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            _device.drop(self._place)
            raise SealUnavailable(
                _("The key %(key)s in the device does not belong to the first certificate in SEAL_CERTIFICATES.")
                % {"key": self._place.key}
            ) from error


@lru_cache(maxsize=4)
def seal_in_token(path: Path, modified_ns: int, place: TokenLocation) -> LoadedSeal:
    """Load the certificates from the PEM file at `path`, the seal's own first. The device is not contacted yet.

    `modified_ns`, the file's modification time, is only part of the cache key. Raises SealUnavailable.
    """
    _library()
    try:
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise SealUnavailable(
            _("The file %(path)s in SEAL_CERTIFICATES contains no PEM certificates.") % {"path": path}
        ) from error
    public_key = require_ec_or_rsa(certificates[0].public_key(), path)
    return loaded_seal(TokenKey(place, public_key), certificates[0], certificates[1:], path)


def _library() -> Any:
    try:
        import pkcs11  # noqa: PLC0415 - optional, only needed with a device
    except ImportError as error:
        raise SealUnavailable(
            _("SEAL_PKCS11_MODULE requires the Python package python-pkcs11, which is not installed.")
        ) from error
    return pkcs11


def _private_key(session: Any, place: TokenLocation) -> Any:
    return session.get_key(object_class=_library().ObjectClass.PRIVATE_KEY, label=place.key)


def _signature(key: Any, public_key: PublicKey, data: bytes) -> bytes:
    mechanism = _library().Mechanism
    if isinstance(public_key, rsa.RSAPublicKey):
        return bytes(key.sign(data, mechanism=mechanism.SHA256_RSA_PKCS))
    # Hashed here, since every device has plain ECDSA. It returns r and s concatenated (PKCS #11 v2.40, 2.3.1).
    pair = bytes(key.sign(hashlib.sha256(data).digest(), mechanism=mechanism.ECDSA))
    half = len(pair) // 2
    return encode_dss_signature(int.from_bytes(pair[:half], "big"), int.from_bytes(pair[half:], "big"))


def _describe(error: Exception, place: TokenLocation) -> str:
    pkcs11 = _library()
    facts = {"module": place.module, "token": place.token, "key": place.key, "error": f"{type(error).__name__} {error}"}
    if isinstance(error, pkcs11.NoSuchToken):
        return _("The seal's device has no token labelled %(token)s: connect it, or check SEAL_PKCS11_TOKEN.") % facts
    if isinstance(error, pkcs11.NoSuchKey):
        return _("The token %(token)s has no private key labelled %(key)s: check SEAL_PKCS11_KEY.") % facts
    if isinstance(error, pkcs11.PinLocked | pkcs11.PinExpired):
        return _("The token %(token)s has locked its PIN. Unlock it, check SEAL_PKCS11_PIN and restart.") % facts
    if isinstance(error, pkcs11.PinIncorrect | pkcs11.PinInvalid | pkcs11.PinLenRange):
        return (
            _(
                "The token %(token)s refused its PIN. The PIN is not tried again, because wrong PINs lock the device. "
                "Correct SEAL_PKCS11_PIN and restart."
            )
            % facts
        )
    return _("The seal's device failed (%(module)s: %(error)s). Check that it is connected, then try again.") % facts
