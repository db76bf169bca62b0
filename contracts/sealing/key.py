"""The seal's key and certificates: read from the SEAL_P12 file once, checked on every use. Only sealing uses this."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from asn1crypto import tsp, x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.sign.attributes import (
    CMSAttributeProvider,
    SignedAttributeProviderSpec,
    SigningCertificateV2Provider,
)
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from billing.errors import Refused

TEST_MARK = "TEST, NOT LEGALLY BINDING"
"""In the subject of a test seal's certificate, and on the visible seal that it makes."""

SealKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class SealUnavailable(Refused):
    """The seal cannot be set now; the contract is still a draft. The sentence says what is wrong and what to do."""

    def __init__(self, detail: str) -> None:
        super().__init__("seal_unavailable", detail)


class _PreparedAttributes(SigningCertificateV2Provider, SignedAttributeProviderSpec):
    """The one signed attribute that PAdES needs besides pyHanko's fixed two, encoded once.

    It says which certificate signs (RFC 5035), the same every time; encoding it anew took half of a seal's CPU.
    """

    def __init__(self, certificate: x509.Certificate) -> None:
        super().__init__(certificate)
        built = as_signing_certificate_v2(certificate)
        self._value = type(built).load(built.dump())

    async def build_attr_value(self, dry_run: bool = False) -> tsp.SigningCertificateV2:
        return self._value

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> list[CMSAttributeProvider]:
        return [self]


class SealSigner(Signer):
    """Signs with a loaded key. pyHanko's own SimpleSigner loads and checks the key again on every signature."""

    def __init__(self, key: SealKey, chain: list[x509.Certificate]) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(chain)
        super().__init__(signing_cert=chain[0], cert_registry=store)
        self.signed_attr_prov_spec = _PreparedAttributes(chain[0])
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class LoadedSeal:
    """What the file holds, ready to sign. `chain` runs from the seal's own certificate to its root."""

    signer: SealSigner
    certificate: pyca.Certificate
    chain: list[x509.Certificate]
    timestamp_roots: list[x509.Certificate]
    """All roots in the file: the operator adds the timestamp server's. They vouch for timestamps, never for seals."""

    @property
    def subject(self) -> str:
        return ", ".join(str(attribute.value) for attribute in self.certificate.subject)

    @property
    def expires_at(self) -> datetime:
        return self.certificate.not_valid_after_utc

    @property
    def is_test(self) -> bool:
        return TEST_MARK in self.subject


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
    """The seal in the SEAL_P12 file, read again only when the file changes. Raises SealUnavailable."""
    path = Path(settings.SEAL_P12)
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise _unreadable(path, error) from error
    return _load(path, changed, settings.SEAL_P12_PASSPHRASE)


@lru_cache(maxsize=4)
def _load(path: Path, changed: int, passphrase: str) -> LoadedSeal:
    """`changed`, the file's modification time in nanoseconds, is only a part of the cache's key."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        bundle = pkcs12.load_pkcs12(content, passphrase.encode() or None)
    except (ValueError, TypeError) as error:
        raise SealUnavailable(
            _("The seal file %(path)s cannot be opened: SEAL_P12_PASSPHRASE is wrong, or it is no PKCS #12 file.")
            % {"path": path}
        ) from error
    key = bundle.key
    if key is None or bundle.cert is None or key.public_key() != bundle.cert.certificate.public_key():
        raise SealUnavailable(
            _("The seal file %(path)s does not hold a private key with its certificate. Export both.") % {"path": path}
        )
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SealUnavailable(
            _("The seal file %(path)s holds a key that is neither EC nor RSA. Use one of these.") % {"path": path}
        )
    certificate = bundle.cert.certificate
    _check_usage(certificate, path)
    others = [other.certificate for other in bundle.additional_certs]
    chain = [_for_pyhanko(link) for link in _chain(certificate, others, path)]
    roots = [_for_pyhanko(other) for other in others if issued(other, other)]
    return LoadedSeal(SealSigner(key, chain), certificate, chain, roots or [chain[-1]])


def _check_usage(certificate: pyca.Certificate, path: Path) -> None:
    """Require nonRepudiation (RFC 5280, 4.2.1.3), without which validators reject the signature."""
    try:
        usage = certificate.extensions.get_extension_for_class(pyca.KeyUsage).value
    except pyca.ExtensionNotFound:
        usage = None
    if usage is None or not usage.content_commitment:
        raise SealUnavailable(
            _(
                "The certificate in %(path)s lacks the key usage nonRepudiation, so readers would call its seals "
                "invalid. Ask the certificate authority for one that has it."
            )
            % {"path": path}
        )


def _chain(certificate: pyca.Certificate, others: list[pyca.Certificate], path: Path) -> list[pyca.Certificate]:
    """The certificates from the seal's own up to its root, each issued by the next."""
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
    """Whether `issuer`'s key signed `certificate`, as its issuer's name says."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _for_pyhanko(certificate: pyca.Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _unreadable(path: Path, error: OSError) -> SealUnavailable:
    return SealUnavailable(
        _(
            "The seal file %(path)s cannot be read (%(error)s). Set SEAL_P12, or make a test seal with "
            "manage.py init_seal."
        )
        % {"path": path, "error": error.strerror}
    )
