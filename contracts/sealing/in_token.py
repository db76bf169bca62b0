"""A seal whose key lies in a device (HSM, smart card, cloud key store) that PKCS #11 reaches, and never leaves it.

One connection per process, guarded by a lock: devices allow few sessions, and modules are seldom safe with threads. A
process forked since connects anew, as PKCS #11 demands; a session that was lost is opened again once. A PIN that the
device refused is not tried again, for a few wrong ones lock the device.
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

from contracts.sealing.in_file import unreadable
from contracts.sealing.signer import LoadedSeal, PublicKey, SealUnavailable, loaded_seal, require_ec_or_rsa


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where the key is: the module's shared library, the labels of token and key, and the PIN."""

    module: str
    token: str
    key: str
    pin: str = field(repr=False)


class _Device:
    """This process's connection to the modules."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sessions: dict[TokenPlace, tuple[Any, Any]] = {}
        """The open session, and the key in it."""
        self.used: set[str] = set()
        """Modules that were set up by this process or the one it was forked from: they must be set up anew."""
        self.refused: dict[TokenPlace, str] = {}
        """Where the PIN was refused, and the sentence that says so."""

    def forked(self) -> None:
        """In the child: sessions and a lock that another thread may hold are the parent's."""
        self.lock = threading.Lock()
        self.sessions = {}

    def key(self, place: TokenPlace) -> Any:
        """The key's handle in an open session. Raises PKCS11Error."""
        if place not in self.sessions:
            session = self._open(place)
            self.sessions[place] = session, _private_key(session, place)
        return self.sessions[place][1]

    def _open(self, place: TokenPlace) -> Any:
        pkcs11 = _library()
        library = pkcs11.lib(place.module)
        if place.module in self.used:
            with suppress(pkcs11.PKCS11Error):  # a module that knows of the fork has nothing to finalize
                library.finalize()
            library.initialize()
            self.sessions = {}
        self.used.add(place.module)
        return library.get_token(token_label=place.token).open(user_pin=place.pin)

    def drop(self, place: TokenPlace) -> None:
        session, _key = self.sessions.pop(place, (None, None))
        if session is not None:
            with suppress(_library().PKCS11Error):  # it may be gone already
                session.close()


_device = _Device()
os.register_at_fork(after_in_child=_device.forked)


class TokenKey:
    """A SealKey in a device; `public_key` is its certificate's."""

    def __init__(self, place: TokenPlace, public_key: PublicKey) -> None:
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
                _device.drop(self._place)  # the session may have been lost: once more
            try:
                return self._signed(data)
            except wrong_pin as error:
                raise self._refused(error) from error
            except pkcs11.PKCS11Error as error:
                _device.drop(self._place)
                raise SealUnavailable(_in_words(error, self._place)) from error

    def _refused(self, error: Exception) -> SealUnavailable:
        sentence = _device.refused[self._place] = _in_words(error, self._place)
        return SealUnavailable(sentence)

    def ready(self) -> None:
        if self._place not in _device.sessions:
            self.sign(b"ready")

    def _signed(self, data: bytes) -> bytes:
        connected = self._place in _device.sessions
        key = _device.key(self._place)
        if not connected:
            self._require_ours(key)
        return _signature(key, self._public_key, data)

    def _require_ours(self, key: Any) -> None:
        """Whether the key in the device is the certificate's: tried out, for not every device tells its public key."""
        tried = b"Does this key belong to the certificate?"
        signature = _signature(key, self._public_key, tried)
        try:
            if isinstance(self._public_key, rsa.RSAPublicKey):
                self._public_key.verify(signature, tried, padding.PKCS1v15(), hashes.SHA256())
            else:
                self._public_key.verify(signature, tried, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            _device.drop(self._place)
            raise SealUnavailable(
                _("The key %(key)s in the device does not belong to the first certificate in SEAL_CERTIFICATES.")
                % {"key": self._place.key}
            ) from error


@lru_cache(maxsize=4)
def seal_in_token(path: Path, changed: int, place: TokenPlace) -> LoadedSeal:
    """The seal whose certificates are in the PEM file at `path`, its own first; the device is not asked yet.

    `changed`, the file's modification time in ns, is only a part of the cache's key. Raises SealUnavailable.
    """
    _library()
    try:
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise SealUnavailable(
            _("The file %(path)s, which SEAL_CERTIFICATES names, holds no PEM certificates.") % {"path": path}
        ) from error
    public_key = require_ec_or_rsa(certificates[0].public_key(), path)
    return loaded_seal(TokenKey(place, public_key), certificates[0], certificates[1:], path)


def _library() -> Any:
    try:
        import pkcs11  # noqa: PLC0415 - most do without a device
    except ImportError as error:
        raise SealUnavailable(
            _("SEAL_PKCS11_MODULE needs the Python package python-pkcs11, which is not installed here.")
        ) from error
    return pkcs11


def _private_key(session: Any, place: TokenPlace) -> Any:
    return session.get_key(object_class=_library().ObjectClass.PRIVATE_KEY, label=place.key)


def _signature(key: Any, public_key: PublicKey, data: bytes) -> bytes:
    mechanism = _library().Mechanism
    if isinstance(public_key, rsa.RSAPublicKey):
        return bytes(key.sign(data, mechanism=mechanism.SHA256_RSA_PKCS))
    # Hashed here: plain ECDSA is what every device has. It answers r and s side by side (PKCS #11 v2.40, 2.3.1).
    pair = bytes(key.sign(hashlib.sha256(data).digest(), mechanism=mechanism.ECDSA))
    half = len(pair) // 2
    return encode_dss_signature(int.from_bytes(pair[:half], "big"), int.from_bytes(pair[half:], "big"))


def _in_words(error: Exception, place: TokenPlace) -> str:
    pkcs11 = _library()
    facts = {"module": place.module, "token": place.token, "key": place.key, "error": f"{type(error).__name__} {error}"}
    if isinstance(error, pkcs11.NoSuchToken):
        return _("The seal's device has no token labelled %(token)s: connect it, or check SEAL_PKCS11_TOKEN.") % facts
    if isinstance(error, pkcs11.NoSuchKey):
        return _("The token %(token)s has no private key labelled %(key)s: check SEAL_PKCS11_KEY.") % facts
    if isinstance(error, pkcs11.PinLocked | pkcs11.PinExpired):
        return _("The token %(token)s has locked its PIN. Unlock it, check SEAL_PKCS11_PIN and start again.") % facts
    if isinstance(error, pkcs11.PinIncorrect | pkcs11.PinInvalid | pkcs11.PinLenRange):
        return (
            _(
                "The token %(token)s refused its PIN. It is not tried again, for wrong PINs lock a device: correct "
                "SEAL_PKCS11_PIN and start again."
            )
            % facts
        )
    return _("The seal's device failed (%(module)s: %(error)s). Check that it is connected, then try again.") % facts
