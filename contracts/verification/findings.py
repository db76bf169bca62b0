"""Findings of a verification, each as a sentence for people who know nothing about signatures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Issuer
from common.durations import format_moment


class Code(StrEnum):
    """Codes of findings. API clients rely on them."""

    SEALED = "sealed"
    """Sealed by us and unchanged since. Every authentic verdict has it, and no other verdict does."""
    TEST = "test"
    """Of a test account's contract (R48), which is never authentic."""
    DRAFT = "draft"
    VOIDED = "voided"
    INVALID = "invalid"
    VOID_CERTIFICATE = "void_certificate"
    NOT_PDF = "not_pdf"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_COMPLEX = "too_complex"
    NO_SEAL = "no_seal"
    CHANGED = "changed"
    """It carries our seal, but is not what was sealed."""
    APPENDED = "appended"
    """The sealed part is intact, but something was appended."""
    ADDED_LATER = "added_later"
    """The sealed part is intact, and only what a sealed PDF permits was appended: timestamps and validation data."""
    PREFIXED = "prefixed"
    """A sealed document of ours with other bytes before it."""
    IN_ARCHIVE = "in_archive"
    """A ZIP archive with one sealed document of ours."""
    TRUNCATED = "truncated"
    OLDER_LEVEL = "older_level"
    """The registered file without later additions such as revocation data."""
    NOT_OURS = "not_ours"
    NOT_REGISTERED = "not_registered"
    SEVERAL_SIGNATURES = "several_signatures"
    TIMESTAMP = "timestamp"
    """The timestamp in the seal is not from a trusted server."""
    TIMESTAMP_REMOVED = "timestamp_removed"
    """A sealed document of ours without the timestamp in its seal."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    """Expired at the time of sealing. Expiry after sealing is harmless."""
    CERTIFICATE_REVOKED = "certificate_revoked"
    """Revoked at the time of sealing; in an authentic verdict, revoked since then."""


SENTENCES = {
    Code.TEST: gettext_lazy(
        "This is a test document of %(issuer)s: its contract was made for trial, in a test account. It is not a "
        "contract and binds nobody."
    ),
    Code.NOT_PDF: gettext_lazy(
        "This file is not a PDF document. Choose the PDF file that you received; unpack a ZIP file first."
    ),
    Code.UNREADABLE: gettext_lazy(
        "This file is damaged, incomplete or locked with a password, so it cannot be read. Ask for it again."
    ),
    Code.TOO_COMPLEX: gettext_lazy(
        "This file takes too much time or memory to read. No document of %(issuer)s does. Do not trust it."
    ),
    Code.NO_SEAL: gettext_lazy(
        "This file has no seal (no digital signature). A scan, a print to PDF or a copy saved by another program "
        "loses the seal: ask for the original file."
    ),
    Code.CHANGED: gettext_lazy(
        "This file was changed after it was sealed. Do not rely on it; ask for the original file."
    ),
    Code.APPENDED: gettext_lazy(
        "Something was added to this file after it was sealed, such as a note, a cover over an amount, or other data. "
        "The sealed part is intact, but a PDF reader may show something else: ask for the original file."
    ),
    Code.ADDED_LATER: gettext_lazy(
        "Something harmless was added to this file later, such as a timestamp or validation data: the pages show what "
        "%(issuer)s sealed. Keep the sealed part alone as the official document."
    ),
    Code.PREFIXED: gettext_lazy(
        "This file contains a sealed document of %(issuer)s, but other data was put before it, so a PDF reader may "
        "show something else. Ask for the original file."
    ),
    Code.IN_ARCHIVE: gettext_lazy(
        "This ZIP file contains a sealed document of %(issuer)s. Unpack it and verify the PDF file itself."
    ),
    Code.TRUNCATED: gettext_lazy(
        "This is the beginning of a document of %(issuer)s; the rest is missing. Ask for the file again."
    ),
    Code.OLDER_LEVEL: gettext_lazy(
        "This is an earlier version of a document of %(issuer)s: sealed and unchanged, but without the data added "
        "later to keep it verifiable. Ask for the current file."
    ),
    Code.NOT_OURS: gettext_lazy(
        "The signature in this file was not made with the seal of %(issuer)s, whatever name it shows, or it is "
        "damaged. Do not trust it."
    ),
    Code.NOT_REGISTERED: gettext_lazy(
        "The signature was made with the seal of %(issuer)s, but this document is not registered. Ask %(issuer)s."
    ),
    Code.SEVERAL_SIGNATURES: gettext_lazy("This file has several signatures. Documents of %(issuer)s have one."),
    Code.TIMESTAMP: gettext_lazy(
        "The seal is that of %(issuer)s, but the timestamp in it could not be confirmed. Ask %(issuer)s."
    ),
    Code.TIMESTAMP_REMOVED: gettext_lazy(
        "The seal is that of %(issuer)s, but its timestamp was removed, so it no longer proves when the document was "
        "sealed. Ask for the original file."
    ),
    Code.CERTIFICATE_EXPIRED: gettext_lazy("The certificate of the seal was not valid when the file was sealed."),
    Code.CERTIFICATE_REVOKED: gettext_lazy("The certificate of the seal had been revoked when the file was sealed."),
    Code.VOID_CERTIFICATE: gettext_lazy("This document certifies that the contract was voided."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    code: Code
    detail: str
    """A sentence or two, in the language of the request."""


def issuer_name() -> str:
    """Return Party B's current name, or a neutral word before an issuer is published."""
    issuer = Issuer.objects.in_force()
    return issuer.name if issuer else _("the issuer")


CURRENT_ISSUER = lazy(issuer_name, str)()
"""Read from the database only where a sentence names it."""


def finding(code: Code, *, issuer: str = "") -> Finding:
    """Return the finding of a code. `issuer` is Party B of the contract, if that is known."""
    return Finding(code, str(SENTENCES[code]) % {"issuer": issuer or CURRENT_ISSUER})


def sealed(at: datetime, *, issuer: str) -> Finding:
    detail = _("Sealed by %(issuer)s on %(time)s and unchanged since.")
    return Finding(Code.SEALED, detail % {"issuer": issuer, "time": in_words(at)})


def seal_of_code(at: datetime, *, issuer: str) -> Finding:
    detail = _("%(issuer)s sealed the contract on %(time)s. To check a file of it, verify the file itself.")
    return Finding(Code.SEALED, detail % {"issuer": issuer, "time": in_words(at)})


def draft(*, issuer: str, sealed_at: datetime | None = None) -> Finding:
    if sealed_at:
        detail = _("This is the draft of a contract that was sealed on %(time)s. Ask for the sealed document.")
        return Finding(Code.DRAFT, detail % {"time": in_words(sealed_at)})
    detail = _("This is a genuine draft of %(issuer)s. It was never sealed and is not binding.")
    return Finding(Code.DRAFT, detail % {"issuer": issuer})


def voided(at: datetime | None) -> Finding:
    if at is None:
        return Finding(Code.VOIDED, _("The contract was voided. It is not in force."))
    detail = _("The contract was voided on %(time)s. It is not in force.") % {"time": in_words(at)}
    return Finding(Code.VOIDED, detail)


def invalid(since: datetime) -> Finding:
    detail = _(
        "The contract has been invalid since %(time)s: it expired, or one of its orders was cancelled or refunded."
    )
    return Finding(Code.INVALID, detail % {"time": in_words(since)})


def revoked_since(at: datetime, *, issuer: str) -> Finding:
    detail = _(
        "The certificate of the seal was revoked on %(time)s. It was valid when the document was sealed. If in doubt, "
        "ask %(issuer)s."
    )
    return Finding(Code.CERTIFICATE_REVOKED, detail % {"issuer": issuer, "time": in_words(at)})


def in_words(at: datetime) -> str:
    return format_moment(at)
