"""Parts of every seal, wherever its key is: certificates up to a root, and a signing key."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from asn1crypto import tsp, x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import translation
from django.utils.translation import gettext as _
from pyhanko.sign.attributes import (
    CMSAttributeProvider,
    SignedAttributeProviderSpec,
    SigningCertificateV2Provider,
)
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from common.errors import Refused
from contracts.sealing.asn1 import certificate_from
from contracts.sealing.uses import note_use

log = logging.getLogger(__name__)
TEST_MARK = "TEST, NOT LEGALLY BINDING"
"""Text in the subject of a test seal's certificate and on its visible seal."""

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class SealUnavailable(Refused):
    """The seal cannot be used now; the contract stays a draft. The detail says what is wrong and what to do."""

    def __init__(self, detail: str) -> None:
        super().__init__("seal_unavailable", detail)


class SealServerFailed(SealUnavailable):
    """A server that the seal needs failed: for timestamps or for revocation data."""


@contextmanager
def refuse_if_seal_unavailable(sentence: str) -> Iterator[None]:
    """Log what is wrong with the seal, which names files and settings, and refuse with `sentence` instead.

    Raises Refused `seal_unavailable`.
    """
    try:
        with translation.override("en"):  # the language of the log
            yield
    except SealUnavailable as unavailable:
        log.error("contract seal: %s", unavailable.detail)
        raise Refused("seal_unavailable", sentence) from unavailable


class SealKey(Protocol):
    """A private key, in a file or device. Safe for threads and for processes forked later."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data` with SHA-256: ECDSA as DER, or RSA PKCS #1 v1.5. Raises SealUnavailable."""

    def ready(self) -> None:
        """Raise SealUnavailable, like sign(), if the key cannot be used now."""


class _PreparedAttributes(SigningCertificateV2Provider, SignedAttributeProviderSpec):
    """Provides the signed attribute that PAdES needs besides pyHanko's fixed two, encoded once.

    It names the signing certificate (RFC 5035) and never changes; encoding it each time took half of a seal's CPU.
    asn1crypto copies an unparsed value, but encodes a parsed one again in each dump, since its default counts as new.
    """

    def __init__(self, certificate: x509.Certificate) -> None:
        super().__init__(certificate)
        self._encoded = as_signing_certificate_v2(certificate).dump()

    async def build_attr_value(self, dry_run: bool = False) -> tsp.SigningCertificateV2:
        return tsp.SigningCertificateV2.load(self._encoded)

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> list[CMSAttributeProvider]:
        return [self]


class SealSigner(Signer):
    """Signs with a loaded key. pyHanko's own signers load or look up the key for every signature."""

    def __init__(self, key: SealKey, chain: list[x509.Certificate]) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(chain[1:])  # pyHanko adds the seal's own, and would embed it twice
        super().__init__(signing_cert=chain[0], cert_registry=store)
        self.signed_attr_prov_spec = _PreparedAttributes(chain[0])
        self.key = key
        self.fingerprint = fingerprint_of(chain[0])

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        signature = self.key.sign(data)
        note_use(self.fingerprint)
        return signature


@dataclass(frozen=True)
class LoadedSeal:
    """A seal ready to sign. `chain` runs from the seal's certificate to its root."""

    signer: SealSigner
    certificate: pyca.Certificate
    chain: list[x509.Certificate]
    timestamp_roots: list[x509.Certificate]
    """All roots in the seal's file, including the timestamp server's. They are trusted for timestamps, not seals."""
    folder: Path | None = None
    """Folder of its file, with a test seal's CA. None for a key in a device."""

    @property
    def subject(self) -> str:
        return subject_of(self.certificate)

    @property
    def fingerprint(self) -> str:
        return self.signer.fingerprint

    @property
    def expires_at(self) -> datetime:
        return self.certificate.not_valid_after_utc

    @property
    def is_test(self) -> bool:
        return TEST_MARK in self.subject


def subject_of(certificate: pyca.Certificate) -> str:
    return ", ".join(str(attribute.value) for attribute in certificate.subject)


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 in hex of the certificate's public key (SubjectPublicKeyInfo, DER).

    It names the key: a renewed certificate of the same key has the same fingerprint.
    """
    return hashlib.sha256(certificate.public_key.dump()).hexdigest()


def fingerprint_of_key(key: PublicKey) -> str:
    """Like fingerprint_of, of a key without its certificate."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def loaded_seal(
    key: SealKey, certificate: pyca.Certificate, others: list[pyca.Certificate], path: Path, folder: Path | None = None
) -> LoadedSeal:
    """Return the seal of `key`; its certificate and `others` were read from `path`.

    Raises SealUnavailable if the certificate does not permit sealing or its chain is incomplete.
    """
    _check_usage(certificate, path)
    chain = [_for_pyhanko(link) for link in _chain(certificate, others, path)]
    roots = [_for_pyhanko(other) for other in others if issued(other, other)]
    return LoadedSeal(SealSigner(key, chain), certificate, chain, roots or [chain[-1]], folder)


def require_ec_or_rsa(key: object, path: Path) -> PublicKey:
    """Return the public key. Raises SealUnavailable if it is of another kind."""
    if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return key
    raise SealUnavailable(
        _("The seal file %(path)s has a key that is neither EC nor RSA. Use one of these.") % {"path": path}
    )


def _check_usage(certificate: pyca.Certificate, path: Path) -> None:
    """Require nonRepudiation (RFC 5280, 4.2.1.3), without which validators reject the signature."""
    try:
        usage = certificate.extensions.get_extension_for_class(pyca.KeyUsage).value
    except pyca.ExtensionNotFound:
        usage = None
    if usage is None or not usage.content_commitment:
        raise SealUnavailable(
            _(
                "The certificate in %(path)s lacks the key usage nonRepudiation, so PDF readers would call its seals "
                "invalid. Ask the certificate authority for a certificate with it."
            )
            % {"path": path}
        )


def _chain(certificate: pyca.Certificate, others: list[pyca.Certificate], path: Path) -> list[pyca.Certificate]:
    """Return the certificates from the seal's own to its root, each issued by the next."""
    chain = [certificate]
    while not issued(chain[-1], chain[-1]):
        issuer = next((other for other in others if other not in chain and issued(other, chain[-1])), None)
        if issuer is None:
            missing = chain[-1].issuer.rfc4514_string()
            raise SealUnavailable(
                _(
                    "The seal file %(path)s lacks the certificate of %(subject)s. "
                    "Export it with the whole chain and the root."
                )
                % {"path": path, "subject": missing}
            )
        chain.append(issuer)
    return chain


def issued(issuer: pyca.Certificate, certificate: pyca.Certificate) -> bool:
    """Return True if `issuer`'s key signed `certificate` and the names match."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _for_pyhanko(certificate: pyca.Certificate) -> x509.Certificate:
    return certificate_from(certificate.public_bytes(Encoding.DER))
