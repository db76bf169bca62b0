"""A verdict in one line, for a person who looks at nothing else."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from contracts.models import Contract
from contracts.verification.findings import Code
from contracts.verification.verdicts import Verdict


class Tone(StrEnum):
    GOOD = "good"
    CAREFUL = "careful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Headline:
    tone: Tone
    text: str


def headline_of_file(verdict: Verdict) -> Headline:
    if not verdict.authentic:
        return _of_wrong_file(verdict.findings[0].code)
    if verdict.found(Code.VOID_CERTIFICATE):
        return Headline(Tone.CAREFUL, _("Authentic: this certifies that the contract was voided"))
    if verdict.status == Contract.Status.VOIDED:
        return Headline(Tone.CAREFUL, _("Authentic, but the contract was voided"))
    if verdict.status == Contract.Status.INVALID:
        return Headline(Tone.CAREFUL, _("Authentic, but the contract is no longer valid"))
    return Headline(Tone.GOOD, _("Authentic, and the contract is in force"))


def headline_of_code(verdict: Verdict) -> Headline:
    if verdict.status == Contract.Status.VOIDED:
        return Headline(Tone.CAREFUL, _("This contract was voided"))
    if verdict.status == Contract.Status.INVALID:
        return Headline(Tone.CAREFUL, _("This contract is no longer valid"))
    if verdict.status == Contract.Status.DRAFT:
        return Headline(Tone.CAREFUL, _("This is a draft, not an official contract"))
    return Headline(Tone.GOOD, _("This is an official contract in force"))


def _of_wrong_file(first: Code) -> Headline:
    match first:
        case Code.DRAFT:
            return Headline(Tone.CAREFUL, _("This is a draft, not an official contract"))
        case Code.TRUNCATED | Code.OLDER_LEVEL:
            return Headline(Tone.CAREFUL, _("This is not the whole document"))
        case Code.NOT_PDF | Code.UNREADABLE | Code.TOO_LARGE:
            return Headline(Tone.CAREFUL, _("This file cannot be verified"))
        case Code.NO_SEAL:
            return Headline(Tone.BAD, _("Not authentic: there is no seal"))
        case Code.CHANGED | Code.APPENDED:
            return Headline(Tone.BAD, _("Not authentic: it was changed after sealing"))
        case Code.NOT_OURS:
            return Headline(Tone.BAD, _("Not authentic: this is not our seal"))
        case _:
            return Headline(Tone.BAD, _("Not authentic"))
