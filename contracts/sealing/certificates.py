"""What outsiders need to check a sealed file without us: signature, certificates up to our roots, CRLs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import cms, crl, pem
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from contracts.sealing.signer import TEST_MARK, SealUnavailable, issued
from contracts.sealing.trust import Trust, embedded, trust


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate chain: each certificate is issued by the next."""

    certificates: tuple[x509.Certificate, ...]
    """From the signer's up to, but without, the root; only the signer's if it is its own root."""
    root: x509.Certificate
    """One of our pinned roots (trust.py), never one from the file."""

    @property
    def pem(self) -> bytes:
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.certificates)

    @property
    def root_pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    @property
    def root_fingerprint(self) -> str:
        """SHA-256 in the format of openssl."""
        return self.root.fingerprint(hashes.SHA256()).hex(":").upper()


@dataclass(frozen=True, slots=True)
class Part:
    """Position in the signature (CMS, DER): offset and number of bytes."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Timestamp:
    """The timestamp (RFC 3161) of a signature's `value`, at the server's time (aware)."""

    at: datetime
    value: Part
    token: Part
    chain: Chain


@dataclass(frozen=True, slots=True)
class Signature:
    """The parts of a sealed file's signature."""

    before: int
    """Bytes of the file before the signature's placeholder."""
    after: int
    """Bytes of the file after it. The bytes before and after are signed."""
    at: datetime
    """Signing time by the signer's clock (aware)."""
    chain: Chain
    crls: tuple[bytes, ...]
    """CRLs of the issuer of the signer's certificate, as PEM: ours and the file's, oldest first."""
    timestamp: Timestamp | None

    @property
    def is_test(self) -> bool:
        return any(TEST_MARK in str(attribute.value) for attribute in self.chain.certificates[0].subject)


def signature_of(sealed: bytes) -> Signature:
    """Return the only signature of a file that was validated when it was sealed. It is not validated again.

    Raises SealUnavailable if the root of the seal or of its timestamp is not one of ours, or no longer.
    """
    trusted = trust()
    [signature] = PdfFileReader(BytesIO(sealed)).embedded_signatures
    _start, before, _behind, after = signature.byte_range
    others = [*signature.other_embedded_certs, *trusted.intermediates]
    chain = _chain(signature.signer_cert, others, trusted.roots, setting="SEAL_ROOTS")
    return Signature(
        before=int(before),
        after=int(after),
        at=signature.self_reported_timestamp,
        chain=chain,
        crls=_crls(chain.certificates[0], [*trusted.crls, *embedded(signature)[0]]),
        timestamp=_timestamp(signature, trusted),
    )


def _timestamp(signature: EmbeddedPdfSignature, trusted: Trust) -> Timestamp | None:
    token = _token(signature.signer_info)
    if token is None:
        return None
    data = token["content"]
    certificates = [one.chosen for one in data["certificates"]]
    serial = data["signer_infos"][0]["sid"].chosen["serial_number"].native
    signer = next(one for one in certificates if one.serial_number == serial)
    return Timestamp(
        at=data["encap_content_info"]["content"].parsed["gen_time"].native,
        value=_part(signature.pkcs7_content, signature.signer_info["signature"].native),
        token=_part(signature.pkcs7_content, token.dump()),
        chain=_chain(
            signer, [*certificates, *trusted.intermediates], trusted.timestamp_roots, setting="SEAL_TSA_ROOTS"
        ),
    )


def _token(signer: cms.SignerInfo) -> cms.ContentInfo | None:
    for attribute in signer["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0]
    return None


def _part(whole: bytes, part: bytes) -> Part:
    return Part(whole.index(part), len(part))


def _chain(signer: object, others: Iterable[object], roots: Iterable[object], *, setting: str) -> Chain:
    """Build the chain of an asn1crypto certificate. Raises SealUnavailable if it leads to none of `roots`.

    `setting` is the setting to which the operator adds a root.
    """
    chain, ours, known = [_read(signer)], [_read(one) for one in roots], [_read(one) for one in others]
    while True:
        if root := next((one for one in ours if issued(one, chain[-1])), None):
            return Chain(tuple(chain), root)
        above = next((one for one in known if one not in chain and issued(one, chain[-1])), None)
        if above is None:
            raise SealUnavailable(
                _("The root certificate for %(subject)s is unknown. The operator must add it to %(setting)s.")
                % {"subject": chain[-1].subject.rfc4514_string(), "setting": setting}
            )
        chain.append(above)


def _crls(certificate: x509.Certificate, known: Iterable[crl.CertificateList]) -> tuple[bytes, ...]:
    issuer = certificate.issuer.public_bytes()
    lists = {one.dump(): one for one in known if one.issuer.dump() == issuer}
    oldest_first = sorted(lists, key=lambda der: (lists[der]["tbs_cert_list"]["this_update"].native, der))
    return tuple(pem.armor("X509 CRL", der) for der in oldest_first)


def _read(certificate: object) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())  # type: ignore[attr-defined]  # asn1crypto's own
