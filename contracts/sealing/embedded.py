"""Create a test CA and a test seal, for trials: they prove integrity, have no legal effect, and say so.

Files in the seal folder, readable only by their owner:

    ca.pem       the root certificate; give it to people who check the seals
    ca-key.pem   the root's key, only needed to renew the seal
    ca.crl       the root's certificate revocation list, empty; part of seals of level B-LT. Renewed by renew_crl
    seal.p12     the seal's key, its certificate and the root: SEAL_P12 points to it

The seal of test accounts has the same files but the CRL in a folder of its own (of_test_accounts.py).
"""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from contracts.sealing.key import TEST_MARK

CA_YEARS = 10
SEAL_YEARS = 2
CRL_LIFETIME = timedelta(days=60)
CRL_RENEWAL_MARGIN = timedelta(days=30)
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class TestSeal:
    """Result of make_test_seal. `created` is False if an existing seal was kept."""

    __test__ = False  # not a pytest class

    path: Path
    created: bool
    set_aside: Path | None = None


def make_test_seal(folder: Path, *, name: str, passphrase: str, force: bool = False, purpose: str = "") -> TestSeal:
    """Create the test seal in `folder` unless there is one; `force` renews it and renames the old one.

    `purpose`, such as "for test accounts", becomes part of the certificates' names.

    On renewal the root is kept as long as it outlives the new seal, so that older documents can still be checked.
    `name` becomes the organisation in the certificate (at most 64 characters, RFC 5280).
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    names = _Names(name, *(f"{what} {purpose}".strip() for what in ("Test root", "Contract seal")))
    path = folder / "seal.p12"
    if path.exists() and not force:
        if not purpose:
            renew_crl(folder)
        return TestSeal(path, created=False)
    now = datetime.now(UTC)
    stamp = f"{now:%Y%m%d-%H%M%S}"
    root, root_key = _keep_or_make_root(folder, names, now, stamp)
    aside = _set_aside(path, stamp)
    seal_key = ec.generate_private_key(ec.SECP256R1())
    certificate = _seal_certificate(names, seal_key, root, root_key, now)
    protection: KeySerializationEncryption = (
        BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    )
    _write(path, pkcs12.serialize_key_and_certificates(b"seal", seal_key, certificate, [root], protection))
    if not purpose:
        renew_crl(folder)
    return TestSeal(path, created=True, set_aside=aside)


def renew_crl(folder: Path, *, force: bool = False) -> bool:
    """Renew the test CA's CRL if it expires within CRL_RENEWAL_MARGIN. Return True if it was renewed.

    Does nothing if the folder has no test CA or its key was removed.
    """
    certificate_file, key_file, file = folder / "ca.pem", folder / "ca-key.pem", folder / "ca.crl"
    if not (certificate_file.exists() and key_file.exists()):
        return False
    now = datetime.now(UTC)
    number, revoked = 1, []
    if file.exists():
        old = x509.load_pem_x509_crl(file.read_bytes())
        if not force and old.next_update_utc and now + CRL_RENEWAL_MARGIN < old.next_update_utc:
            return False
        number = old.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1
        revoked = list(old)
    root = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return False
    made = (
        x509.CertificateRevocationListBuilder(root.subject, revoked_certificates=revoked)
        .last_update(now - timedelta(minutes=5))  # for hosts whose clock is behind
        .next_update(now + CRL_LIFETIME)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    _write(fresh, made.public_bytes(Encoding.PEM))
    fresh.replace(file)
    return True


class _Names(NamedTuple):
    """Of the certificates' subjects."""

    organisation: str
    root: str
    seal: str


def _keep_or_make_root(
    folder: Path, names: _Names, now: datetime, stamp: str
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate_file, key_file = folder / "ca.pem", folder / "ca-key.pem"
    if certificate_file.exists() and key_file.exists():
        root = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = load_pem_private_key(key_file.read_bytes(), None)
        outlives = root.not_valid_after_utc > now + SEAL_YEARS * _YEAR
        if outlives and isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == root.public_key():
            return root, key
    for file in (certificate_file, key_file, folder / "ca.crl"):
        _set_aside(file, stamp)
    key = ec.generate_private_key(ec.SECP256R1())
    root = _root_certificate(names, key, now)
    _write(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(certificate_file, root.public_bytes(Encoding.PEM))
    return root, key


def _root_certificate(names: _Names, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    subject = _subject(names.organisation, names.root)
    return (
        _certificate(subject, subject, key.public_key(), now, CA_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _seal_certificate(
    names: _Names,
    key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return (
        _certificate(_subject(names.organisation, names.seal), root.subject, key.public_key(), now, SEAL_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(authority, critical=False)
        .sign(root_key, hashes.SHA256())
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _YEAR)  # tests also set clocks back
        .not_valid_after(now + years * _YEAR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(name: str, what: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, TEST_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{what} ({TEST_MARK})"),
        ]
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    """Return the key usage: a root signs certificates and CRLs, a seal signs documents (RFC 5280, 4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _set_aside(file: Path, stamp: str) -> Path | None:
    """Rename an old file to a name with the time. Nothing is deleted."""
    if not file.exists():
        return None
    target = file.with_name(f"{file.stem}-until-{stamp}{file.suffix}")
    shutil.move(file, target)
    return target


def _write(file: Path, content: bytes) -> None:
    """Create a file that is readable only by its owner from the start."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
