"""Small drafts made here, and seals of every kind that an operator may bring along."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pytest_django.fixtures import Settings
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from contracts import sealing
from contracts.pdf import fonts
from contracts.sealing.embedded import make_test_seal

ISSUER = "北京云海科技有限公司"
NUMBER = "EC-7K3M-9QXA"
PLACE = (380.0, 120.0, 499.0, 239.0)

KEY_USAGES = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
]

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def make_draft(pages: int = 1, *, seal_place: bool = True) -> bytes:
    """A document as contracts.pdf makes them: a DRAFT mark on each page, the seal's place on the last."""
    output = BytesIO()
    font = fonts.get_font(fonts.REGULAR).fontName
    canvas = Canvas(output, pagesize=A4, initialFontName=font)
    for page in range(pages):
        canvas.setFont(font, 11)
        for line in range(40):
            canvas.drawString(60, 780 - 17 * line, f"Page {page + 1}, line {line + 1}: 甲方应付 1,234.56 CNY")
        annotate(canvas, f"draft-mark-{page + 1}", (0, 0, *A4), "0.9 0.9 1 rg 150 400 300 60 re f")
        if page == pages - 1 and seal_place:
            canvas.rect(PLACE[2] - 6, (PLACE[1] + PLACE[3]) / 2 - 4, 6, 8, fill=1, stroke=0)  # print under the seal
            annotate(canvas, "seal-place", PLACE, "0 0 1 RG 1 1 117 117 re S")
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def annotate(canvas: Canvas, name: str, rect: tuple[float, float, float, float], operators: str) -> None:
    canvas.beginForm(name, 0, 0, rect[2] - rect[0], rect[3] - rect[1])
    canvas.addLiteral(operators)
    canvas.endForm()
    annotation = {
        "Type": "/Annot",
        "Subtype": "/Stamp",
        "NM": pdfdoc.PDFString(name),
        "Rect": pdfdoc.PDFArray(list(rect)),
        "F": 196,
        "AP": pdfdoc.PDFDictionary({"N": pdfdoc.PDFObjectReference(pdfdoc.xObjectName(name))}),
    }
    canvas._addAnnotation(pdfdoc.PDFDictionary(annotation), name)


@dataclass
class Authority:
    """A root that issues what it is told to."""

    certificate: x509.Certificate
    key: Key


def issue(
    subject: str,
    key: Key,
    *,
    authority: Authority | None = None,
    begins: timedelta = timedelta(days=-1),
    ends: timedelta = timedelta(days=100),
    usage: frozenset[str] = frozenset({"digital_signature", "content_commitment"}),
    extended: x509.ObjectIdentifier | None = None,
    extensions: tuple[x509.ExtensionType, ...] = (),
    organisation: str = "",
) -> x509.Certificate:
    now = datetime.now(UTC)
    attributes = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, subject)]
    name = x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes if value])
    flags = dict.fromkeys(KEY_USAGES, False)
    issuer_key = authority.key if authority else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.certificate.subject if authority else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**flags | dict.fromkeys(usage, True)), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage([extended]), critical=True)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def make_authority(subject: str = "Real Root CA", key: Key | None = None) -> Authority:
    key = key or ec.generate_private_key(ec.SECP256R1())
    return Authority(issue(subject, key, usage=frozenset({"key_cert_sign", "crl_sign"})), key)


def make_crl(
    authority: Authority,
    *revoked: x509.Certificate,
    at: datetime | None = None,
    made: timedelta = timedelta(hours=-1),
    next_due: timedelta = timedelta(days=7),
) -> bytes:
    """A PEM CRL of `authority`; `revoked` certificates are so since `at`. `made` and `next_due` count from now."""
    now = datetime.now(UTC)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now + made)
        .next_update(now + next_due)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(identifier, critical=False)
    )
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        entry = entry.revocation_date(at or now - timedelta(hours=2))
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def tsa_root() -> "Authority":
    return make_authority("Timestamp Root", rsa.generate_private_key(65537, 2048))


@pytest.fixture
def use_seal(settings: Settings, tmp_path: Path) -> Callable[..., Path]:
    """Make a seal file as asked and point SEAL_P12 at it. Its subject does not say TEST."""

    def use(
        *,
        authority: Authority | None = None,
        key: Key | None = None,
        passphrase: str = "secret",
        with_root: bool = True,
        other_roots: tuple[x509.Certificate, ...] = (),
        **certificate_options: Any,
    ) -> Path:
        authority = authority or make_authority()
        key = key or ec.generate_private_key(ec.SECP256R1())
        certificate = issue("Cloud Sea Contract Seal", key, authority=authority, **certificate_options)
        protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        others = [authority.certificate, *other_roots] if with_root else list(other_roots)
        path = tmp_path / "operator.p12"
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, certificate, others, protection))
        settings.SEAL_P12 = str(path)
        settings.SEAL_P12_PASSPHRASE = passphrase
        settings.SEAL_ALLOW_TEST = False
        settings.SEAL_TSA_URL = settings.SEAL_LEVEL = ""
        return path

    return use


@pytest.fixture
def test_seal(settings: Settings, tmp_path: Path) -> Path:
    """The seal that init_seal makes, allowed and configured."""
    path = make_test_seal(tmp_path / "seal", name=ISSUER, passphrase="").path
    settings.SEAL_P12 = str(path)
    settings.SEAL_P12_PASSPHRASE = ""
    settings.SEAL_ALLOW_TEST = True
    settings.SEAL_TSA_URL = settings.SEAL_LEVEL = ""
    return path


def seal(draft: bytes) -> bytes:
    return sealing.seal(draft, number=NUMBER, issuer_name=ISSUER)
