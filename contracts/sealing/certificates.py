"""What strangers need to check a sealed file without us: its signer's certificates up to the pinned root, and CRLs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import crl, pem
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.reader import PdfFileReader

from contracts.sealing.signer import TEST_MARK, SealUnavailable, issued
from contracts.sealing.trust import embedded, trust


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature in a sealed file, taken apart. PEM are bytes of text."""

    before: int
    """Bytes of the file before the signature's own place; the file begins with them."""
    after: int
    """Bytes behind that place, to the end of the file. Before and after are what is signed."""
    signed_at: datetime
    """As the signer's clock said (aware)."""
    chain: tuple[x509.Certificate, ...]
    """From the signer's certificate up to, and without, the root; the signer alone where it is its own root."""
    root: x509.Certificate
    """One of ours (trust.py), whatever the file itself brings along."""
    crls: tuple[bytes, ...]
    """PEM, of whoever issued a certificate of the chain: those we have, and those in the file; oldest first."""

    @property
    def chain_pem(self) -> bytes:
        """The signer's certificate first."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.chain)

    @property
    def root_pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    @property
    def root_fingerprint(self) -> str:
        """SHA-256, as openssl prints it."""
        return self.root.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def is_test(self) -> bool:
        return any(TEST_MARK in str(attribute.value) for attribute in self.chain[0].subject)


def signature_of(sealed: bytes) -> Signature:
    """The one signature of a file that was validated when it was sealed; judged anew it is not.

    Raises SealUnavailable where the signer's root is not, or no longer, among ours.
    """
    trusted = trust()
    [signature] = PdfFileReader(BytesIO(sealed)).embedded_signatures
    signer = _read(signature.signer_cert)
    others = [_read(one) for one in (*signature.other_embedded_certs, *trusted.intermediates)]
    chain, root = _chain(signer, others, [_read(one) for one in trusted.roots])
    _start, before, _after_hole, after = signature.byte_range
    return Signature(
        before=int(before),
        after=int(after),
        signed_at=signature.self_reported_timestamp,
        chain=chain,
        root=root,
        crls=_crls(chain, [*trusted.crls, *embedded(signature)[0]]),
    )


def _chain(
    signer: x509.Certificate, others: list[x509.Certificate], roots: list[x509.Certificate]
) -> tuple[tuple[x509.Certificate, ...], x509.Certificate]:
    chain = [signer]
    while True:
        if root := next((one for one in roots if issued(one, chain[-1])), None):
            return tuple(chain), root
        above = next((one for one in others if one not in chain and issued(one, chain[-1])), None)
        if above is None:
            raise SealUnavailable(
                _("The root certificate over %(subject)s is not known here. The operator adds it to SEAL_ROOTS.")
                % {"subject": chain[-1].subject.rfc4514_string()}
            )
        chain.append(above)


def _crls(chain: Iterable[x509.Certificate], known: Iterable[crl.CertificateList]) -> tuple[bytes, ...]:
    issuers = {certificate.issuer.public_bytes() for certificate in chain}
    lists = {one.dump(): one for one in known if one.issuer.dump() in issuers}
    oldest_first = sorted(lists, key=lambda der: (lists[der]["tbs_cert_list"]["this_update"].native, der))
    return tuple(pem.armor("X509 CRL", der) for der in oldest_first)


def _read(certificate: object) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())  # type: ignore[attr-defined]  # asn1crypto's own
