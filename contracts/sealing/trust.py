"""Trust in seals: pinned keys, roots and revocation lists. The system's own roots are never used.

A seal is ours if its key is pinned (R37) and its certificate is under the root of the configured seal or an earlier one
(SEAL_ROOTS; with a test seal, the roots that init_seal renamed). The root alone would do for any customer of the same
certificate authority. The timestamp servers' roots are trusted for timestamps only. Nothing here uses the network or
the private key.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from asn1crypto import crl, ocsp, pem, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.sign.ades.report import AdESFailure
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation import EmbeddedPdfSignature, PdfSignatureStatus, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import RevocationDetails, SignatureStatus
from pyhanko_certvalidator import ValidationContext

from contracts.sealing.additions import PERMITTED_ADDITIONS
from contracts.sealing.asn1 import certificate_from, crl_from
from contracts.sealing.key import SealUnavailable, configured_seal
from contracts.sealing.signer import fingerprint_of

Status = TypeVar("Status", bound=SignatureStatus)
Roots = tuple[x509.Certificate, ...]


class NotOurKeyError(SignatureValidationError):
    """The signer's key is none of ours (R37)."""


@dataclass(frozen=True, slots=True)
class Trust:
    """`roots` are trusted for seals, `timestamp_roots` for timestamps; `intermediates` only complete chains.

    `keys` are the fingerprints of the keys that are or were ours.
    """

    roots: Roots
    intermediates: tuple[x509.Certificate, ...]
    timestamp_roots: Roots
    crls: tuple[crl.CertificateList, ...]
    keys: frozenset[str]


def trust(keys: Iterable[str] = ()) -> Trust:
    """Return what our seals are trusted by now. Files are read again only if they change.

    `keys` are pinned besides the configured key and those of SEAL_EARLIER_CERTIFICATES; our_trust() in
    contracts/seal_keys.py adds those in the database. Raises SealUnavailable if the configured seal or a file of
    SEAL_EARLIER_CERTIFICATES, SEAL_ROOTS, SEAL_TSA_ROOTS or SEAL_CRL cannot be read: without one of them, genuine
    documents would be called false.
    """
    loaded = configured_seal()
    earlier = _certificates(settings.SEAL_EARLIER_CERTIFICATES, "SEAL_EARLIER_CERTIFICATES")
    known = [*loaded.chain, *_certificates(settings.SEAL_ROOTS, "SEAL_ROOTS")]
    crls = list(_crls(settings.SEAL_CRL, "SEAL_CRL"))
    if loaded.is_test and loaded.folder:
        folder = loaded.folder
        known += [root for file in sorted(folder.glob("ca-until-*.pem")) for root in _certificates(file, "SEAL_P12")]
        crls += [one for file in sorted(folder.glob("ca*.crl")) for one in _crls(file, "SEAL_P12")]
    return Trust(
        roots=_once(one for one in known if _is_root(one)),
        intermediates=_once(one for one in known[1:] if not _is_root(one)),
        timestamp_roots=_once(
            [*loaded.timestamp_roots, *filter(_is_root, _certificates(settings.SEAL_TSA_ROOTS, "SEAL_TSA_ROOTS"))]
        ),
        crls=tuple(crls),
        keys=frozenset([loaded.fingerprint, *(fingerprint_of(one) for one in earlier if not one.ca), *keys]),
    )


def validation_context(trusted: Trust, *, at: datetime | None = None) -> ValidationContext:
    """Return the context to validate a seal's certificates as of `at` (aware; None is now), without fetching.

    Revocation is checked by judge(). Contexts keep state: use each for one validation only.
    """
    return _context(trusted.roots, trusted, at)


def timestamp_context(trusted: Trust, *, at: datetime | None = None) -> ValidationContext:
    """Return the context to validate a timestamp's certificates, like validation_context."""
    return _context(trusted.timestamp_roots, trusted, at)


def judge(signature: EmbeddedPdfSignature, trusted: Trust, *, at: datetime | None = None) -> PdfSignatureStatus:
    """Validate a signature with pyHanko as of `at` (aware; None is now), with our keys, roots and all available CRLs.

    A certificate that one of our CRLs, or one in the file (DSS), lists as revoked by then is not trusted, and
    `revocation_details` has the date. Old CRLs count too: revocation is permanent. pyHanko by itself only uses CRLs
    that the certificate names. Raises NotOurKeyError (R37), else like validate_pdf_signature, and ValueError for
    malformed CRLs.
    """
    # Checked first: path building takes exponential time if authorities certify each other.
    # signature.signer_cert would take 1 ms more.
    if not is_our_key(extract_certificate_info(signature.signed_data).signer_cert, trusted):
        raise NotOurKeyError("The signer's key is not pinned.")
    contexts = validation_context(trusted, at=at), timestamp_context(trusted, at=at)
    status = validate_pdf_signature(signature, *contexts, diff_policy=PERMITTED_ADDITIONS)
    lists = all_crls(signature, trusted)
    if stamp := status.timestamp_validity:
        status = replace(status, timestamp_validity=unless_revoked(stamp, lists, at=at))
    return unless_revoked(status, lists, at=at)


def all_crls(signature: EmbeddedPdfSignature, trusted: Trust) -> list[crl.CertificateList]:
    """Return our CRLs and those in the file (DSS), later additions included: each is signed by its issuer."""
    return [*trusted.crls, *embedded(signature)[0], *_added_crls(signature)]


def _added_crls(signature: EmbeddedPdfSignature) -> Iterator[crl.CertificateList]:
    if signature.reader.xrefs.total_revisions == signature.signed_revision + 1:
        return
    for content in _streams(signature.reader.root, "/CRLs"):
        with suppress(ValueError, TypeError):  # junk revokes nothing
            yield crl_from(content)


def is_our_key(certificate: x509.Certificate, trusted: Trust) -> bool:
    """Return True if the certificate's public key is pinned (R37)."""
    return fingerprint_of(certificate) in trusted.keys


def unless_revoked(status: Status, lists: Iterable[crl.CertificateList], *, at: datetime | None = None) -> Status:
    """Return `status`, made untrusted if a CRL revokes a certificate of its chain by `at`."""
    path = list(status.validation_path or ())
    for issuer, certificate in pairwise(path):
        for since, reason in _revocations(certificate, issuer, lists):
            if at is None or since <= at:
                details = RevocationDetails(certificate is not path[-1], since, reason)
                return replace(status, trust_problem_indic=AdESFailure.REVOKED, revocation_details=details)
    return status


def _context(roots: Roots, trusted: Trust, at: datetime | None) -> ValidationContext:
    return ValidationContext(
        trust_roots=list(roots),
        other_certs=list(trusted.intermediates),
        moment=at,
        allow_fetching=False,
        revocation_mode="none",
    )


def embedded(signature: EmbeddedPdfSignature) -> tuple[list[crl.CertificateList], list[ocsp.OCSPResponse]]:
    """Return the CRLs and OCSP responses in the file (DSS) as it was signed, without later additions."""
    root = signature.reader.get_historical_root(signature.signed_revision)
    crls = [crl.CertificateList.load(content, strict=True) for content in _streams(root, "/CRLs")]
    ocsps = [ocsp.OCSPResponse.load(content, strict=True) for content in _streams(root, "/OCSPs")]
    return crls, ocsps


def _streams(root: DictionaryObject, kind: str) -> list[bytes]:
    """Return the contents of one kind in the validation data (DSS) of a document's catalogue."""
    if "/DSS" not in root:
        return []
    store = root["/DSS"]
    return [one.get_object().data for one in store[kind]] if kind in store else []


def _revocations(
    certificate: x509.Certificate, issuer: x509.Certificate, lists: Iterable[crl.CertificateList]
) -> Iterator[tuple[datetime, crl.CRLReason]]:
    """Yield when and why `certificate` was revoked, by CRLs that `issuer` signed (RFC 5280, 5.3)."""
    for one in lists:
        if one.issuer != certificate.issuer:
            continue
        read = pyca.load_der_x509_crl(one.dump())  # with 100,000 entries, asn1crypto would take seconds
        entry = read.get_revoked_certificate_by_serial_number(certificate.serial_number)
        key = load_der_public_key(issuer.public_key.dump())
        if entry and read.is_signature_valid(key):  # type: ignore[arg-type]  # False for keys of other kinds
            yield entry.revocation_date_utc, _reason(entry)


def _reason(entry: pyca.RevokedCertificate) -> crl.CRLReason:
    try:
        flag = entry.extensions.get_extension_for_class(pyca.CRLReason).value.reason
    except pyca.ExtensionNotFound:
        return crl.CRLReason("unspecified")
    return crl.CRLReason(flag.name)


def _certificates(place: str | Path, setting: str) -> Iterator[x509.Certificate]:
    for file in _files(place, setting, (".pem", ".crt", ".cer")):
        yield from _read_certificates(file, _modified_ns(file, setting), setting)


def _crls(place: str | Path, setting: str) -> Iterator[crl.CertificateList]:
    for file in _files(place, setting, (".crl", ".pem")):
        yield from _read_crls(file, _modified_ns(file, setting), setting)


def _files(place: str | Path, setting: str, suffixes: tuple[str, ...]) -> list[Path]:
    """Return the file at `place`, or the files of that folder; none for an empty setting."""
    if not place:
        return []
    path = Path(place)
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix in suffixes)
    if not files:
        raise SealUnavailable(
            _("%(setting)s names the folder %(path)s, which has no files ending in %(suffixes)s.")
            % {"setting": setting, "path": path, "suffixes": ", ".join(suffixes)}
        )
    return files


def _modified_ns(file: Path, setting: str) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError as error:
        raise _unreadable(file, setting, str(error.strerror)) from error


@lru_cache(maxsize=64)
def _read_certificates(file: Path, modified_ns: int, setting: str) -> tuple[x509.Certificate, ...]:
    """`modified_ns`, the file's modification time, is only part of the cache key."""
    try:
        read = tuple(certificate_from(der) for der in _parts(file.read_bytes(), "CERTIFICATE"))
    except OSError as error:
        raise _unreadable(file, setting, str(error.strerror)) from error
    except (ValueError, TypeError) as error:
        raise _unreadable(file, setting, _("it is not a certificate")) from error
    return read


@lru_cache(maxsize=64)
def _read_crls(file: Path, modified_ns: int, setting: str) -> tuple[crl.CertificateList, ...]:
    try:
        read = tuple(crl_from(der) for der in _parts(file.read_bytes(), "X509 CRL"))
    except OSError as error:
        raise _unreadable(file, setting, str(error.strerror)) from error
    except (ValueError, TypeError) as error:
        raise _unreadable(file, setting, _("it is not a CRL")) from error
    return read


def _parts(content: bytes, kind: str) -> list[bytes]:
    """Return the DER of each part of this `kind` in a PEM file, or a DER file as a whole."""
    if not pem.detect(content):
        return [content]
    parts = [der for name, _headers, der in pem.unarmor(content, multiple=True) if name == kind]
    if not parts:
        raise ValueError(kind)
    return parts


def _unreadable(file: Path, setting: str, why: str) -> SealUnavailable:
    return SealUnavailable(
        _("%(path)s in %(setting)s cannot be read (%(error)s). Correct the file or the setting.")
        % {"path": file, "setting": setting, "error": why}
    )


def _is_root(certificate: x509.Certificate) -> bool:
    return certificate.self_issued and certificate.self_signed != "no"


def _once(certificates: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Remove duplicates and keep the order."""
    return tuple({certificate.dump(): certificate for certificate in certificates}.values())
