"""Keys and certificates for seals that are not ours, or not as ours should be."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
YEAR, MONTH = timedelta(days=365), timedelta(days=30)
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
"""When the kit is made and most vectors are asked for."""


@dataclass(frozen=True)
class Holder:
    """A key with its certificate; `above` are the certificates up to the root."""

    key: Key
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def signer(self) -> SimpleSigner:
        der = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        store = SimpleCertificateStore()
        store.register_multiple(for_pyhanko(each) for each in self.above)
        return SimpleSigner(for_pyhanko(self.certificate), asn1_keys.PrivateKeyInfo.load(der), store)


@dataclass(frozen=True)
class OurAuthority:
    """The test CA that init_seal made, the seal under it, and what it has had before."""

    root: Holder
    seal: Holder
    former_root: Holder
    """The root of the seals of before: still to be trusted (SEAL_ROOTS)."""
    former: Holder
    """A seal of before, under that root."""
    retired: Holder
    """A seal of before, under the same root as now."""
    rsa: Holder
    """Another, with an RSA key."""
    tsa_root: Holder
    """The root of the timestamp server that is trusted (SEAL_TSA_ROOTS)."""
    revoked: Holder
    """A seal that was revoked before NOON."""
    revoked_since: Holder
    """A seal that was revoked after NOON."""

    @classmethod
    def in_folder(cls, folder: Path) -> "OurAuthority":
        key = load_pem_private_key((folder / "ca-key.pem").read_bytes(), None)
        root = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        bundle = pkcs12.load_pkcs12((folder / "seal.p12").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert isinstance(bundle.key, ec.EllipticCurvePrivateKey)
        assert bundle.cert
        ca, seal = Holder(key, root), Holder(bundle.key, bundle.cert.certificate, (root,))
        former_root = another_root(ca)
        retired, revoked, revoked_since = (issue(ca, seal) for _ in range(3))
        return cls(
            root=ca,
            seal=seal,
            former_root=former_root,
            former=issue(former_root, seal),
            retired=retired,
            rsa=issue(ca, seal, key=rsa.generate_private_key(65537, 2048)),
            tsa_root=another_root(ca, "Timestamp root"),
            revoked=revoked,
            revoked_since=revoked_since,
        )

    @property
    def pinned(self) -> tuple[asn1_x509.Certificate, asn1_x509.Certificate]:
        """The roots of seals and of timestamps, for those who know no other."""
        return for_pyhanko(self.root.certificate), for_pyhanko(self.tsa_root.certificate)

    def write_trust(self, folder: Path) -> None:
        """Write what verifies the vectors: roots, the seals of before, and the revocations `seals.crl`."""
        (folder / "ca.pem").write_bytes(self.root.certificate.public_bytes(Encoding.PEM))
        (folder / "former-ca.pem").write_bytes(self.former_root.certificate.public_bytes(Encoding.PEM))
        earlier = (self.former, self.retired, self.rsa, self.revoked, self.revoked_since)
        (folder / "earlier-seals.pem").write_bytes(
            b"".join(holder.certificate.public_bytes(Encoding.PEM) for holder in earlier)
        )
        (folder / "tsa.pem").write_bytes(self.tsa_root.certificate.public_bytes(Encoding.PEM))
        revocations = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(NOON)
            .next_update(NOON + 5 * YEAR)
        )
        for holder, at in ((self.revoked, NOON - MONTH), (self.revoked_since, NOON + MONTH)):
            revocations = revocations.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(holder.certificate.serial_number)
                .revocation_date(at)
                .build()
            )
        signed = revocations.sign(self.root.key, hashes.SHA256())
        (folder / "seals.crl").write_bytes(signed.public_bytes(Encoding.DER))


def for_pyhanko(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def another_root(like: Holder, name: str = "") -> Holder:
    """A root of the same name as `like` or of the common name `name`, with another key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) if name else like.certificate.subject
    return Holder(key, _signed(key, subject, Holder(key, like.certificate), ca=True, self_issued=True))


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Return one RSA key for all holders that need one: it takes a tenth of a second to generate."""
    return rsa.generate_private_key(65537, 2048)


def timestamper(root: Holder) -> DummyTimeStamper:
    """A timestamp server under `root`, without the network."""
    key = rsa_key()
    certificate = _signed(key, root.certificate.subject, root, purpose=ExtendedKeyUsageOID.TIME_STAMPING)
    store = SimpleCertificateStore()
    store.register(for_pyhanko(root.certificate))
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return DummyTimeStamper(for_pyhanko(certificate), asn1_keys.PrivateKeyInfo.load(der), store)


def issue(
    root: Holder,
    like: Holder,
    *,
    key: Key | None = None,
    begins: datetime = BEGINS,
    ends: datetime = BEGINS + 2 * YEAR,
    non_repudiation: bool = True,
) -> Holder:
    """A seal certificate under `root` with the subject of `like`, for a new key unless one is given."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(
        key, like.certificate.subject, root, begins=begins, ends=ends, non_repudiation=non_repudiation
    )
    return Holder(key, certificate, (root.certificate,))


def cross_sign(by: Holder, authority: Holder) -> x509.Certificate:
    """Return another authority's certificate that `by` issued."""
    return _signed(authority.key, authority.certificate.subject, by, ca=True)


def self_signed(like: Holder) -> Holder:
    """A certificate with the subject of `like` that its own key signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Holder(key, _signed(key, like.certificate.subject, Holder(key, like.certificate), self_issued=True))


def _signed(
    key: Key,
    subject: x509.Name,
    by: Holder,
    *,
    ca: bool = False,
    self_issued: bool = False,
    begins: datetime = BEGINS,
    ends: datetime = BEGINS + 2 * YEAR,
    non_repudiation: bool = True,
    purpose: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca and non_repudiation,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if self_issued else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False)
    )
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return builder.sign(by.key, hashes.SHA256())
