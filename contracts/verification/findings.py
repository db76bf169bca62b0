"""Findings of a verification, each as a sentence for people who know nothing about signatures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.durations import format_moment


class Code(StrEnum):
    """Codes of findings. API clients rely on them."""

    SEALED = "sealed"
    """Sealed by us and unchanged since. Every authentic verdict has it, and no other verdict does."""
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
    TRUNCATED = "truncated"
    OLDER_LEVEL = "older_level"
    """The registered file without later additions such as revocation data."""
    NOT_OURS = "not_ours"
    NOT_REGISTERED = "not_registered"
    SEVERAL_SIGNATURES = "several_signatures"
    TIMESTAMP = "timestamp"
    """The timestamp in the seal is not from a trusted server."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    """Expired at the time of sealing. Expiry after sealing is harmless."""
    CERTIFICATE_REVOKED = "certificate_revoked"
    """Revoked at the time of sealing; in an authentic verdict, revoked since then."""


SENTENCES = {
    Code.NOT_PDF: gettext_lazy("This file is not a PDF document. Choose the PDF file that you received."),
    Code.UNREADABLE: gettext_lazy(
        "This file is damaged, incomplete or locked with a password, so it cannot be read. Ask for it again."
    ),
    Code.TOO_LARGE: gettext_lazy("This file is larger than 20 MB. None of our documents are that large."),
    Code.TOO_COMPLEX: gettext_lazy(
        "This file takes too much time or memory to read. None of our documents do. Do not trust it."
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
    Code.TRUNCATED: gettext_lazy(
        "This is the beginning of one of our documents; the rest is missing. Ask for the file again."
    ),
    Code.OLDER_LEVEL: gettext_lazy(
        "This is an earlier version of one of our documents: sealed by us and unchanged, but without the data added "
        "later to keep it verifiable. Ask for the current file."
    ),
    Code.NOT_OURS: gettext_lazy(
        "The signature in this file was not made with our seal, whatever name it shows, or it is damaged. "
        "Do not trust it."
    ),
    Code.NOT_REGISTERED: gettext_lazy(
        "The signature was made with our seal, but this document is not registered here. Ask the company that "
        "issued it."
    ),
    Code.SEVERAL_SIGNATURES: gettext_lazy("This file has several signatures. Our documents have one."),
    Code.TIMESTAMP: gettext_lazy(
        "The seal is ours, but the timestamp in it could not be confirmed. Ask the company that issued it."
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


def finding(code: Code) -> Finding:
    """Return the finding of a code whose sentence has no variables."""
    return Finding(code, str(SENTENCES[code]))


def sealed(at: datetime) -> Finding:
    detail = _("Sealed by us on %(time)s and unchanged since.") % {"time": in_words(at)}
    return Finding(Code.SEALED, detail)


def seal_of_code(at: datetime) -> Finding:
    detail = _("The contract was sealed on %(time)s. To check a file of it, verify the file itself.")
    return Finding(Code.SEALED, detail % {"time": in_words(at)})


def draft(*, sealed_at: datetime | None) -> Finding:
    if sealed_at:
        detail = _("This is the draft of a contract that was sealed on %(time)s. Ask for the sealed document.")
        return Finding(Code.DRAFT, detail % {"time": in_words(sealed_at)})
    return Finding(Code.DRAFT, _("This is a genuine draft of ours. It was never sealed and is not binding."))


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


def revoked_since(at: datetime) -> Finding:
    detail = _(
        "The certificate of the seal was revoked on %(time)s. It was valid when the document was sealed. If in doubt, "
        "ask the company that issued it."
    )
    return Finding(Code.CERTIFICATE_REVOKED, detail % {"time": in_words(at)})


def in_words(at: datetime) -> str:
    return format_moment(at)
