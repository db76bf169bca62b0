"""What a seal of ours is trusted by: the roots that are pinned, and what revokes. Never the system's own roots.

The root of the configured seal vouches for seals, and so do those that our seals were issued under before
(SEAL_ROOTS; with a test seal, the roots that init_seal put aside). The timestamp servers' roots vouch for timestamps
alone: a public one would vouch for anybody's seal. Nothing here touches the network or the key.
"""

from collections.abc import Iterable, Iterator
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
from pyhanko.sign.validation import EmbeddedPdfSignature, PdfSignatureStatus, validate_pdf_signature
from pyhanko.sign.validation.status import RevocationDetails, SignatureStatus
from pyhanko_certvalidator import ValidationContext

from contracts.sealing.asn1 import certificate_from, crl_from
from contracts.sealing.key import SealUnavailable, configured_seal

Status = TypeVar("Status", bound=SignatureStatus)
Roots = tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """`roots` vouch for seals and `timestamp_roots` for timestamps; `intermediates` only complete a chain."""

    roots: Roots
    intermediates: tuple[x509.Certificate, ...]
    timestamp_roots: Roots
    crls: tuple[crl.CertificateList, ...]


def trust() -> Trust:
    """What our seals are trusted by today; files are read again only when they change.

    Raises SealUnavailable where the configured seal cannot be opened or a file of SEAL_ROOTS, SEAL_TSA_ROOTS or
    SEAL_CRL cannot be read: a verdict with a root missing would call true documents false.
    """
    loaded = configured_seal()
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
    )


def validation_context(trusted: Trust, *, at: datetime | None = None) -> ValidationContext:
    """How a seal's certificates are judged as of `at` (aware; None is now), with nothing fetched.

    Revocation is left to judge(). For one validation only: contexts remember what they saw.
    """
    return _context(trusted.roots, trusted, at)


def timestamp_context(trusted: Trust, *, at: datetime | None = None) -> ValidationContext:
    """As validation_context, for the certificates of a timestamp."""
    return _context(trusted.timestamp_roots, trusted, at)


def judge(signature: EmbeddedPdfSignature, trusted: Trust, *, at: datetime | None = None) -> PdfSignatureStatus:
    """pyHanko's judgement of a signature as of `at` (aware; None is now), by our roots and every CRL there is.

    A certificate that a CRL of ours, or one in the file (DSS), says was revoked by then is not trusted, and
    `revocation_details` has the date. However old the CRL: what is revoked stays revoked. pyHanko itself asks no CRL
    that the certificate does not name. Raises what validate_pdf_signature raises, ValueError for CRLs that are none.
    """
    status = validate_pdf_signature(signature, validation_context(trusted, at=at), timestamp_context(trusted, at=at))
    lists = [*trusted.crls, *embedded(signature)[0]]
    if stamp := status.timestamp_validity:
        status = replace(status, timestamp_validity=unless_revoked(stamp, lists, at=at))
    return unless_revoked(status, lists, at=at)


def unless_revoked(status: Status, lists: Iterable[crl.CertificateList], *, at: datetime | None = None) -> Status:
    """`status` as it is, or no longer trusted where one of the CRLs revokes a certificate of its chain by `at`."""
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
    """The CRLs and OCSP answers in the file (DSS), as it was when it was signed: what was added later is not ours."""
    root = signature.reader.get_historical_root(signature.signed_revision)
    if "/DSS" not in root:
        return [], []
    store = root["/DSS"]
    crls = [crl.CertificateList.load(content, strict=True) for content in _streams(store, "/CRLs")]
    ocsps = [ocsp.OCSPResponse.load(content, strict=True) for content in _streams(store, "/OCSPs")]
    return crls, ocsps


def _streams(store: DictionaryObject, kind: str) -> list[bytes]:
    return [one.get_object().data for one in store[kind]] if kind in store else []


def _revocations(
    certificate: x509.Certificate, issuer: x509.Certificate, lists: Iterable[crl.CertificateList]
) -> Iterator[tuple[datetime, crl.CRLReason]]:
    """Since when, and why, `certificate` is revoked by CRLs that `issuer` signed (RFC 5280, 5.3)."""
    for one in lists:
        if one.issuer != certificate.issuer:
            continue
        read = pyca.load_der_x509_crl(one.dump())  # a CA's list may hold 100,000: asn1crypto would take seconds
        entry = read.get_revoked_certificate_by_serial_number(certificate.serial_number)
        key = load_der_public_key(issuer.public_key.dump())
        if entry and read.is_signature_valid(key):  # type: ignore[arg-type]  # of another kind: False
            yield entry.revocation_date_utc, _reason(entry)


def _reason(entry: pyca.RevokedCertificate) -> crl.CRLReason:
    try:
        flag = entry.extensions.get_extension_for_class(pyca.CRLReason).value.reason
    except pyca.ExtensionNotFound:
        return crl.CRLReason("unspecified")
    return crl.CRLReason(flag.name)


def _certificates(place: str | Path, setting: str) -> Iterator[x509.Certificate]:
    for file in _files(place, setting, (".pem", ".crt", ".cer")):
        yield from _read_certificates(file, _changed(file, setting), setting)


def _crls(place: str | Path, setting: str) -> Iterator[crl.CertificateList]:
    for file in _files(place, setting, (".crl", ".pem")):
        yield from _read_crls(file, _changed(file, setting), setting)


def _files(place: str | Path, setting: str, suffixes: tuple[str, ...]) -> list[Path]:
    """The file that `place` names, or those of a folder; none for an empty setting."""
    if not place:
        return []
    path = Path(place)
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix in suffixes)
    if not files:
        raise SealUnavailable(
            _("%(setting)s names the folder %(path)s, which holds no file that ends in %(suffixes)s.")
            % {"setting": setting, "path": path, "suffixes": ", ".join(suffixes)}
        )
    return files


def _changed(file: Path, setting: str) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError as error:
        raise _unreadable(file, setting, str(error.strerror)) from error


@lru_cache(maxsize=64)
def _read_certificates(file: Path, changed: int, setting: str) -> tuple[x509.Certificate, ...]:
    """`changed`, the file's modification time in nanoseconds, is only a part of the cache's key."""
    try:
        read = tuple(certificate_from(der) for der in _parts(file.read_bytes(), "CERTIFICATE"))
    except OSError as error:
        raise _unreadable(file, setting, str(error.strerror)) from error
    except (ValueError, TypeError) as error:
        raise _unreadable(file, setting, _("it is no certificate")) from error
    return read


@lru_cache(maxsize=64)
def _read_crls(file: Path, changed: int, setting: str) -> tuple[crl.CertificateList, ...]:
    try:
        read = tuple(crl_from(der) for der in _parts(file.read_bytes(), "X509 CRL"))
    except OSError as error:
        raise _unreadable(file, setting, str(error.strerror)) from error
    except (ValueError, TypeError) as error:
        raise _unreadable(file, setting, _("it is no CRL")) from error
    return read


def _parts(content: bytes, kind: str) -> list[bytes]:
    """DER of each part of a PEM file that is of `kind`; of a DER file, the whole."""
    if not pem.detect(content):
        return [content]
    parts = [der for name, _headers, der in pem.unarmor(content, multiple=True) if name == kind]
    if not parts:
        raise ValueError(kind)
    return parts


def _unreadable(file: Path, setting: str, why: str) -> SealUnavailable:
    return SealUnavailable(
        _("%(path)s, which %(setting)s names, cannot be read (%(error)s). Correct the file or the setting.")
        % {"path": file, "setting": setting, "error": why}
    )


def _is_root(certificate: x509.Certificate) -> bool:
    return certificate.self_issued and certificate.self_signed != "no"


def _once(certificates: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Each certificate once, in the order given."""
    return tuple({certificate.dump(): certificate for certificate in certificates}.values())
