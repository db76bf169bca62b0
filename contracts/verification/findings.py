"""What may be found, each in one sentence for a person who knows nothing of signatures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.durations import format_moment


class Code(StrEnum):
    """The codes of findings; callers of the API rely on them."""

    SEALED = "sealed"
    """Sealed by us and unchanged since: every authentic verdict has it, and no other."""
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
    """It carries our seal, and is not what was sealed."""
    APPENDED = "appended"
    """The sealed part is intact, and something was added behind it."""
    TRUNCATED = "truncated"
    OLDER_LEVEL = "older_level"
    """The registered file, without what was added to it later, such as revocation data."""
    NOT_OURS = "not_ours"
    NOT_REGISTERED = "not_registered"
    SEVERAL_SIGNATURES = "several_signatures"
    TIMESTAMP = "timestamp"
    """The timestamp in the seal is not from a server that is trusted here."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    """At the time of sealing. What expired since sealed no less."""
    CERTIFICATE_REVOKED = "certificate_revoked"
    """At the time of sealing; in an authentic verdict: since then."""


SENTENCES = {
    Code.NOT_PDF: gettext_lazy("This file is not a PDF document. Choose the PDF file that you received."),
    Code.UNREADABLE: gettext_lazy(
        "This file is damaged, incomplete or locked with a password, so it could not be read. Ask for it again."
    ),
    Code.TOO_LARGE: gettext_lazy("This file is larger than 20 MB. None of our documents is."),
    Code.TOO_COMPLEX: gettext_lazy(
        "This file takes too much time or memory to read, which none of our documents does. Do not trust it."
    ),
    Code.NO_SEAL: gettext_lazy(
        "This file carries no seal, that is no digital signature. A scan, a print to PDF or a copy that another "
        "program saved loses it: ask for the original file."
    ),
    Code.CHANGED: gettext_lazy(
        "This file is not as it was sealed: something in it was changed afterwards. Do not rely on it; ask for the "
        "original file."
    ),
    Code.APPENDED: gettext_lazy(
        "Something was added to this file after it was sealed, such as a note, a cover over a figure, or other data. "
        "The sealed part is intact, but a reader may show something else: ask for the original file."
    ),
    Code.TRUNCATED: gettext_lazy(
        "This is the beginning of one of our documents; the rest is missing. Ask for the file again."
    ),
    Code.OLDER_LEVEL: gettext_lazy(
        "This is an earlier state of one of our documents: sealed by us and unchanged, but without the data that was "
        "added to keep it verifiable. Ask for the current file."
    ),
    Code.NOT_OURS: gettext_lazy(
        "The signature in this file was not made with our seal, whatever names it shows, or it is damaged. "
        "Do not trust it."
    ),
    Code.NOT_REGISTERED: gettext_lazy(
        "The signature was made with our seal, but no such document is registered here. Ask the company that issued it."
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
    """The finding of a code that needs no more words than its own."""
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
    return Finding(Code.DRAFT, _("This is a true draft of ours: it was never sealed, and binds nobody."))


def voided(at: datetime | None) -> Finding:
    if at is None:
        return Finding(Code.VOIDED, _("The contract was voided. It is not in force."))
    detail = _("The contract was voided on %(time)s. It is not in force.") % {"time": in_words(at)}
    return Finding(Code.VOIDED, detail)


def invalid(since: datetime) -> Finding:
    detail = _(
        "The contract is invalid since %(time)s: its time ended, or one of its orders was cancelled or refunded."
    )
    return Finding(Code.INVALID, detail % {"time": in_words(since)})


def revoked_since(at: datetime) -> Finding:
    detail = _(
        "The certificate of the seal was revoked on %(time)s. It was valid when the document was sealed; ask the "
        "company that issued it if in doubt."
    )
    return Finding(Code.CERTIFICATE_REVOKED, detail % {"time": in_words(at)})


def in_words(at: datetime) -> str:
    return format_moment(at)
