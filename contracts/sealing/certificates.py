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

from contracts.sealing.asn1 import certificate_from
from contracts.sealing.key import configured_seal
from contracts.sealing.of_test_accounts import usable_seal_of_test_accounts
from contracts.sealing.signer import TEST_MARK, SealUnavailable, fingerprint_of, issued
from contracts.sealing.trust import Trust, embedded


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate chain: each certificate is issued by the next."""

    certificates: tuple[x509.Certificate, ...]
    """From the signer's up to, but without, the root; only the signer's if it is its own root."""
    root: x509.Certificate
    """One of our pinned roots (trust.py), never one from the file."""
    crls: tuple[bytes, ...]
    """CRLs of the issuer of the signer's certificate, as PEM, oldest first."""

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the signer's key, by which keys are pinned and published."""
        return fingerprint_of(certificate_from(self.certificates[0].public_bytes(Encoding.DER)))

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
    """With our CRLs and those in the file."""
    timestamp: Timestamp | None

    @property
    def is_test(self) -> bool:
        return any(TEST_MARK in str(attribute.value) for attribute in self.chain.certificates[0].subject)


def signature_of(sealed: bytes, *, trusted: Trust) -> Signature:
    """Return the only signature of a file that was validated when it was sealed. It is not validated again.

    Raises SealUnavailable if the key, or the root of the seal or of its timestamp, is not one of ours, or no longer.
    """
    [signature] = PdfFileReader(BytesIO(sealed)).embedded_signatures
    _start, before, _behind, after = signature.byte_range
    if fingerprint_of(signature.signer_cert) not in trusted.keys:  # R37
        raise SealUnavailable(
            _("The seal of %(subject)s is not ours. If it was, the operator must add it to SEAL_EARLIER_CERTIFICATES.")
            % {"subject": signature.signer_cert.subject.human_friendly}
        )
    others = [*signature.other_embedded_certs, *trusted.intermediates]
    crls = [*trusted.crls, *embedded(signature)[0]]
    return Signature(
        before=int(before),
        after=int(after),
        at=signature.self_reported_timestamp,
        chain=_chain(signature.signer_cert, others, trusted.roots, crls, setting="SEAL_ROOTS"),
        timestamp=_timestamp(signature, trusted),
    )


def chain_of_seal(trusted: Trust, *, is_test: bool = False) -> Chain:
    """Return the chain of the seal that signs bundles: the configured one, or that of test accounts for `is_test`.

    Raises SealUnavailable.
    """
    signer, *others = (usable_seal_of_test_accounts() if is_test else configured_seal()).chain
    return _chain(signer, others, trusted.roots, trusted.crls, setting="SEAL_P12")


def _timestamp(signature: EmbeddedPdfSignature, trusted: Trust) -> Timestamp | None:
    token = _token(signature.signer_info)
    if token is None:
        return None
    return Timestamp(
        at=token["content"]["encap_content_info"]["content"].parsed["gen_time"].native,
        value=_part(signature.pkcs7_content, signature.signer_info["signature"].native),
        token=_part(signature.pkcs7_content, token.dump()),
        chain=chain_of_token(token, trusted),
    )


def chain_of_token(token: cms.ContentInfo, trusted: Trust) -> Chain:
    """Return the chain of a timestamp. Raises SealUnavailable if it leads to none of our roots for timestamps."""
    data = token["content"]
    certificates = [one.chosen for one in data["certificates"]]
    serial = data["signer_infos"][0]["sid"].chosen["serial_number"].native
    signer = next(one for one in certificates if one.serial_number == serial)
    others = [*certificates, *trusted.intermediates]
    return _chain(signer, others, trusted.timestamp_roots, (), setting="SEAL_TSA_ROOTS")


def _token(signer: cms.SignerInfo) -> cms.ContentInfo | None:
    for attribute in signer["unsigned_attrs"] or ():
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0]
    return None


def _part(whole: bytes, part: bytes) -> Part:
    return Part(whole.index(part), len(part))


def _chain(
    signer: object,
    others: Iterable[object],
    roots: Iterable[object],
    crls: Iterable[crl.CertificateList],
    *,
    setting: str,
) -> Chain:
    """Build the chain of an asn1crypto certificate. Raises SealUnavailable if it leads to none of `roots`.

    `setting` is the setting to which the operator adds a root.
    """
    chain, ours, known = [_read(signer)], [_read(one) for one in roots], [_read(one) for one in others]
    while True:
        if root := next((one for one in ours if issued(one, chain[-1])), None):
            return Chain(tuple(chain), root, _crls(chain[0], crls))
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
