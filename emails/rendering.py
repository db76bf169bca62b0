"""Render an email from its row, in both languages in one message."""

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
from common.utc_offsets import format_utc_offset
from emails.kinds import KINDS, TEST_FACT, Facts
from emails.models import Notice

LANGUAGES = ("zh-hans", "en")
"""Users have no stored language, so every email contains both, in this order."""


@dataclass(frozen=True, slots=True)
class EmailText:
    """An email's text in one language. It includes text from customers, so the template must escape it."""

    language: str
    subject: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    action: str
    """Text of the link."""
    reason: str
    """Why the recipient gets the email."""


def render_email(notice: Notice, *, address: str) -> EmailMultiAlternatives:
    """Render the email without its secret link, so that staff may see it.

    Plain text and HTML, Chinese first and then English. The Message-ID depends only on the notice, so that mail
    programs recognise a duplicate. Raises KeyError if a fact is missing.
    """
    return _build_message(notice, address, KINDS[notice.kind].path(notice))


def render_email_for_recipient(notice: Notice, *, address: str) -> EmailMultiAlternatives:
    """Render the email with the recipient's secret link and the attachment. Only the recipient may see it."""
    kind = KINDS[notice.kind]
    message = _build_message(notice, address, (kind.secret_path or kind.path)(notice))
    if kind.attachment and (attachment := kind.attachment(notice)):
        message.attach(attachment.name, attachment.content, attachment.content_type)
    return message


def _build_message(notice: Notice, address: str, path: str) -> EmailMultiAlternatives:
    texts = _render_texts(notice)
    mark = "[TEST] " if TEST_FACT in notice.facts else ""
    link = settings.SITE_URL + path
    host = urlsplit(settings.SITE_URL).hostname
    message = EmailMultiAlternatives(
        subject=f"{mark}{normalise_line(' / '.join(text.subject for text in texts))}",
        body=_render_template("mail/notice.txt", link, texts),
        to=[address],
        headers={"Message-ID": f"<notice-{notice.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(_render_template("mail/notice.html", link, texts), "text/html")
    return message


def _render_texts(notice: Notice) -> list[EmailText]:
    facts = {name: normalise_line(value) for name, value in notice.facts.items()}
    if notice.user:
        facts["user"] = notice.user.get_username()
    texts = []
    for language in LANGUAGES:
        with translation.override(language):
            texts.append(_render_text(notice, facts))
    return texts


def _render_text(notice: Notice, facts: Facts) -> EmailText:
    """Render the text in the active language."""
    kind, zone = KINDS[notice.kind], notice.tzinfo
    times = kind.times & facts.keys()
    facts = {**facts, **{name: _format_time(datetime.fromisoformat(facts[name]), zone) for name in times}}
    subject, *paragraphs = kind.words(facts)
    return EmailText(
        language=translation.get_language() or "",
        subject=subject,
        paragraphs=paragraphs,
        facts=[*kind.facts(facts), (_("Time"), _format_time(notice.created_at, zone))],
        action=str(kind.action),
        reason=str(kind.reason) % facts,
    )


def _render_template(template: str, link: str, texts: list[EmailText]) -> str:
    return render_to_string(template, {"texts": texts, "link": link})


def _format_time(instant: datetime, zone: ZoneInfo) -> str:
    """Return "2026-11-22 12:00 Asia/Shanghai (UTC+08:00)"."""
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {zone.key} ({format_utc_offset(local)})"
