"""Summarise a verdict in one line."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import Contract
from contracts.verification.findings import CURRENT_ISSUER, Code
from contracts.verification.verdicts import Verdict


class Tone(StrEnum):
    GOOD = "good"
    CAREFUL = "careful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Headline:
    tone: Tone
    text: str


_PARTIAL = Tone.CAREFUL, gettext_lazy("This is not the whole document")
_UNKNOWABLE = Tone.CAREFUL, gettext_lazy("This file cannot be verified")
_CHANGED = Tone.BAD, gettext_lazy("Not authentic: it was changed after sealing")

HEADLINES = {
    Code.TEST: (Tone.CAREFUL, gettext_lazy("This is a test document, not a contract")),
    Code.DRAFT: (Tone.CAREFUL, gettext_lazy("This is a draft, not an official contract")),
    Code.TRUNCATED: _PARTIAL,
    Code.OLDER_LEVEL: _PARTIAL,
    Code.NOT_PDF: _UNKNOWABLE,
    Code.UNREADABLE: _UNKNOWABLE,
    Code.TOO_LARGE: _UNKNOWABLE,
    Code.NO_SEAL: (Tone.BAD, gettext_lazy("Not authentic: there is no seal")),
    Code.CHANGED: _CHANGED,
    Code.APPENDED: _CHANGED,
    Code.ADDED_LATER: (Tone.CAREFUL, gettext_lazy("The sealed part is authentic; harmless data was added later")),
    Code.PREFIXED: (Tone.CAREFUL, gettext_lazy("This is not the original file: other data was put before it")),
    Code.IN_ARCHIVE: (Tone.CAREFUL, gettext_lazy("Unpack this ZIP file first")),
    Code.NOT_OURS: (Tone.BAD, gettext_lazy("Not authentic: this is not the seal of %(issuer)s")),
    Code.TIMESTAMP_REMOVED: (Tone.BAD, gettext_lazy("Not authentic: the timestamp was removed")),
}
"""Headlines of files that are not authentic, by their first finding."""


def headline_of_file(verdict: Verdict) -> Headline:
    if not verdict.authentic:
        return _of_wrong_file(verdict.findings[0].code)
    if verdict.has_finding(Code.VOID_CERTIFICATE):
        return Headline(Tone.CAREFUL, _("Authentic: this certifies that the contract was voided"))
    if verdict.status == Contract.Status.VOIDED:
        return Headline(Tone.CAREFUL, _("Authentic, but the contract was voided"))
    if verdict.status == Contract.Status.INVALID:
        return Headline(Tone.CAREFUL, _("Authentic, but the contract is no longer valid"))
    return Headline(Tone.GOOD, _("Authentic, and the contract is in force"))


def headline_of_code(verdict: Verdict) -> Headline:
    if verdict.is_test:
        return _of_wrong_file(Code.TEST)
    if verdict.status == Contract.Status.VOIDED:
        return Headline(Tone.CAREFUL, _("This contract was voided"))
    if verdict.status == Contract.Status.INVALID:
        return Headline(Tone.CAREFUL, _("This contract is no longer valid"))
    if verdict.status == Contract.Status.DRAFT:
        return Headline(Tone.CAREFUL, _("This is a draft, not an official contract"))
    return Headline(Tone.GOOD, _("This is an official contract in force"))


def _of_wrong_file(first: Code) -> Headline:
    tone, text = HEADLINES.get(first, (Tone.BAD, gettext_lazy("Not authentic")))
    return Headline(tone, str(text) % {"issuer": CURRENT_ISSUER})
