"""Send an email at once to somebody who is no user, such as an auditor. The caller retries."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from emails.kinds import EmailKind, Facts
from emails.models import Notice
from emails.rendering import render_email


def send_now(kind: EmailKind, *, address: str, facts: Facts, reference: str) -> None:
    """Send an email in both languages. Raises OSError, which includes what a mail server answers.

    `reference` is unique; it becomes the Message-ID, so that mail programs recognise a duplicate.
    """
    notice = Notice(
        address=address,
        kind=kind.name,
        time_zone=settings.TIME_ZONE,
        facts=facts,
        created_at=timezone.now(),
    )
    message = render_email(notice, address=address)
    message.extra_headers["Message-ID"] = f"<{reference}@{urlsplit(settings.SITE_URL).hostname}>"
    message.send()
