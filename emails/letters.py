"""Render an email from its row: one message that says the same in both languages."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from common.normal_forms import normalise_line
from common.utc_offsets import print_offset
from emails.kinds import KINDS, Facts
from emails.models import Notice

LANGUAGES = ("zh-hans", "en")
"""Nobody's language is stored: every email holds both, in this order."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An email's text in one language. It holds what customers wrote, so each medium escapes it."""

    language: str
    subject: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    action: str
    """Text of the link."""
    reason: str
    """Why this person gets the email."""


def message_of(notice: Notice, *, address: str) -> EmailMultiAlternatives:
    """Return the email of `notice` as staff may see it: its link holds no secret.

    Plain text and HTML, Chinese first and then English. Its Message-ID is that of the notice, so that one sent twice is
    recognised. Raises KeyError where a fact is missing.
    """
    return _message(notice, address, KINDS[notice.kind].path(notice))


def message_for_recipient(notice: Notice, *, address: str) -> EmailMultiAlternatives:
    """Return the email as `message_of` does, with the recipient's own link. It must not be shown to anybody else."""
    kind = KINDS[notice.kind]
    return _message(notice, address, (kind.secret_path or kind.path)(notice))


def _message(notice: Notice, address: str, path: str) -> EmailMultiAlternatives:
    letters = _letters_of(notice)
    link = settings.SITE_URL + path
    host = urlsplit(settings.SITE_URL).hostname
    message = EmailMultiAlternatives(
        subject=normalise_line(" / ".join(letter.subject for letter in letters)),
        body=_render("mail/notice.txt", link, letters),
        to=[address],
        headers={"Message-ID": f"<notice-{notice.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(_render("mail/notice.html", link, letters), "text/html")
    return message


def _letters_of(notice: Notice) -> list[Letter]:
    facts = {name: normalise_line(value) for name, value in notice.facts.items()} | {"user": notice.user.get_username()}
    letters = []
    for language in LANGUAGES:
        with translation.override(language):
            letters.append(_letter(notice, facts))
    return letters


def _letter(notice: Notice, facts: Facts) -> Letter:
    """Return the letter in the active language."""
    kind, zone = KINDS[notice.kind], notice.tzinfo
    times = kind.times & facts.keys()
    facts = {**facts, **{name: _print_time(datetime.fromisoformat(facts[name]), zone) for name in times}}
    subject, *paragraphs = kind.words(facts)
    return Letter(
        language=translation.get_language() or "",
        subject=subject,
        paragraphs=paragraphs,
        facts=[*kind.facts(facts), (_("Time"), _print_time(notice.created_at, zone))],
        action=str(kind.action),
        reason=str(kind.reason) % facts,
    )


def _render(template: str, link: str, letters: list[Letter]) -> str:
    return render_to_string(template, {"letters": letters, "link": link})


def _print_time(instant: datetime, zone: ZoneInfo) -> str:
    """Return for example 2026-11-22 12:00 Asia/Shanghai (UTC+08:00)."""
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {zone.key} ({print_offset(local)})"
