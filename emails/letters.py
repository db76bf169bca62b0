"""The words of the emails to customers: a notice in, a message in both languages out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import CertificationRequest
from emails.models import Notice
from common.normal_forms import normalise_line
from common.utc_offsets import print_offset

LANGUAGES = ("zh-hans", "en")
"""Nobody's language is stored: every email holds both, in this order."""

Facts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in one language. The texts hold what customers wrote, so each medium escapes them."""

    language: str
    subject: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    action: str
    """What the link says."""
    reason: str
    """Why this person gets it."""


def message_of(notice: Notice, *, address: str, path: str = "") -> EmailMultiAlternatives:
    """The email of `notice` to `address`: plain text and HTML, Chinese first and then English. It leads to `path`, or
    without to a page that is no secret.

    Its Message-ID is that of the notice, so that one sent twice is recognised. Raises KeyError where a fact is missing.
    """
    letters = _letters_of(notice)
    link = settings.SITE_URL + (path or _path_of(notice))
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
    if notice.account:
        facts["account"] = notice.account.number
    letters = []
    for language in LANGUAGES:
        with translation.override(language):
            letters.append(_letter(notice, facts))
    return letters


def _render(template: str, link: str, letters: list[Letter]) -> str:
    return render_to_string(template, {"letters": letters, "link": link})


def _path_of(notice: Notice) -> str:
    if notice.kind in Notice.OF_PASSWORDS:
        return reverse("password-reset")
    return reverse("account-certification") if notice.kind in OF_CERTIFICATIONS else notice.facts["path"]


def _letter(notice: Notice, facts: Facts) -> Letter:
    """In the language that is active."""
    zone = notice.account.tzinfo if notice.account else ZoneInfo(settings.TIME_ZONE)
    facts = {**facts, **{name: _print_time(datetime.fromisoformat(facts[name]), zone) for name in TIMES & facts.keys()}}
    subject, *paragraphs = WORDS[Notice.Kind(notice.kind)](facts)
    return Letter(
        language=translation.get_language() or "",
        subject=subject,
        paragraphs=paragraphs,
        facts=[
            *FACTS.get(Notice.Kind(notice.kind), _contract_facts)(facts),
            *([(_("Note"), facts["note"])] if facts.get("note") else []),
            (_("Time"), _print_time(notice.created_at, zone)),
            *([(_("Account number"), facts["account"])] if notice.account else []),
        ],
        action=_action_of(notice),
        reason=_reason_of(notice) % facts,
    )


def _reason_of(notice: Notice) -> str:
    if notice.kind in Notice.OF_PASSWORDS:
        return _("You get this email because it is about how you sign in. It was sent automatically.")
    return _("You get this email because you act for account %(account)s. It was sent automatically.")


def _action_of(notice: Notice) -> str:
    if notice.kind == Notice.Kind.PASSWORD_LINK:
        return _("Set a new password")
    if notice.kind == Notice.Kind.PASSWORD_CHANGED:
        return _("Ask for a new password")
    if notice.kind in OF_CERTIFICATIONS:
        return _("Open the certification page")
    return _("Open the endpoint's page") if notice.kind in OF_WEBHOOKS else _("Open the contract's page")


def _contract_facts(facts: Facts) -> list[tuple[str, str]]:
    of_ticket = [(_("Void ticket"), facts["ticket"]), (_("Reason"), facts["reason"])] if "ticket" in facts else []
    return [(_("Contract No."), facts["contract"]), *of_ticket]


def _certification_facts(facts: Facts) -> list[tuple[str, str]]:
    kind = CertificationRequest.Kind(facts["kind"]).label
    return [(_("Certification"), str(kind)), (_("Name"), facts["name"])]


def _webhook_facts(facts: Facts) -> list[tuple[str, str]]:
    return [(_("Address"), facts["url"])]


def _password_facts(facts: Facts) -> list[tuple[str, str]]:
    return [(_("User name"), facts["user"])]


def _print_time(instant: datetime, zone: ZoneInfo) -> str:
    """2026-11-22 12:00 Asia/Shanghai (UTC+08:00)."""
    local = instant.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {zone.key} ({print_offset(local)})"


def _ticket_opened(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: request to void received") % facts,
        _("We received the request to void contract %(contract)s.") % facts,
        _(
            "Our contract staff decide about it, and you will get an email with the decision. Until then the contract "
            "stays in force, and its orders stay in it."
        ),
    ]


def _ticket_approved(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: voided") % facts,
        _("The request to void contract %(contract)s was approved: the contract is voided.") % facts,
        _(
            "Its orders can enter another contract now. A sealed void certificate can be downloaded on the contract's "
            "page."
        ),
    ]


def _ticket_rejected(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: request to void rejected") % facts,
        _("The request to void contract %(contract)s was rejected: the contract stays in force.") % facts,
        _("The note below says why. You can ask again on the contract's page."),
    ]


def _contract_invalid(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: invalid") % facts,
        _("Contract %(contract)s is invalid since %(since)s.") % facts,
        _(
            "A payment request contract ends at the earliest payment deadline of its orders, or when one of them is "
            "cancelled or refunded. Its other orders can enter another contract."
        ),
    ]


def _contract_ends(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s ends soon") % facts,
        _("Contract %(contract)s ends at %(ends)s, the earliest payment deadline of its orders.") % facts,
        _("Orders that are not paid by their deadline are cancelled. The contract is invalid then."),
    ]


def _draft_waits(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s is still a draft") % facts,
        _("Contract %(contract)s has been a draft since %(since)s. A draft has no seal and binds nobody.") % facts,
        _("Convert it to an official contract, or void it, so that its orders can enter another contract."),
    ]


def _certification_approved(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: certification approved") % facts,
        _("Account %(account)s is certified under the name %(name)s.") % facts,
        _("New contracts of the account name it as Party A."),
    ]


def _certification_rejected(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: certification rejected") % facts,
        _("The request to certify account %(account)s under the name %(name)s was rejected.") % facts,
        _("The note below says why. You can send a new request on the certification page."),
    ]


def _webhook_failing(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: a webhook endpoint fails") % facts,
        _("The endpoint %(url)s has not taken an event of account %(account)s for three days.") % facts,
        _(
            "That event is given up, and so is each that it does not take for as long. The endpoint's page shows what "
            "it answered. Events that were given up can be sent again there."
        ),
    ]


def _webhook_gone(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: a webhook endpoint is switched off") % facts,
        _("The endpoint %(url)s answered that it is gone (410). No more events are sent to it.") % facts,
        _("If that was a mistake, switch it on again on its page: what waits is sent then."),
    ]


def _password_link(facts: Facts) -> list[str]:
    return [
        _("A link to set a new password"),
        _("Somebody, you we hope, asked for a new password for the user name below."),
        _("The link works once, for one hour. If it was not you, do nothing: your password stays as it is."),
    ]


def _password_changed(facts: Facts) -> list[str]:
    return [
        _("Your password was changed"),
        _("The password of the user name below was changed. Whoever was signed in with it is signed out."),
        *([_("This person's API tokens were revoked.")] if facts.get("tokens") else []),
        _("If it was not you, ask for a new password at once, and tell your contact person."),
    ]


TIMES = {"since", "ends"}
"""Facts that are times, ISO 8601 with offset."""
OF_CERTIFICATIONS = {Notice.Kind.CERTIFICATION_APPROVED, Notice.Kind.CERTIFICATION_REJECTED}
OF_WEBHOOKS = {Notice.Kind.WEBHOOK_FAILING, Notice.Kind.WEBHOOK_GONE}
FACTS = {
    **dict.fromkeys(OF_CERTIFICATIONS, _certification_facts),
    **dict.fromkeys(OF_WEBHOOKS, _webhook_facts),
    **dict.fromkeys(Notice.OF_PASSWORDS, _password_facts),
}
"""Kind → what is listed below its words; those of no kind here are of contracts."""
WORDS: dict[Notice.Kind, Callable[[Facts], list[str]]] = {
    Notice.Kind.TICKET_OPENED: _ticket_opened,
    Notice.Kind.TICKET_APPROVED: _ticket_approved,
    Notice.Kind.TICKET_REJECTED: _ticket_rejected,
    Notice.Kind.CONTRACT_INVALID: _contract_invalid,
    Notice.Kind.CONTRACT_ENDS: _contract_ends,
    Notice.Kind.DRAFT_WAITS: _draft_waits,
    Notice.Kind.CERTIFICATION_APPROVED: _certification_approved,
    Notice.Kind.CERTIFICATION_REJECTED: _certification_rejected,
    Notice.Kind.WEBHOOK_FAILING: _webhook_failing,
    Notice.Kind.WEBHOOK_GONE: _webhook_gone,
    Notice.Kind.PASSWORD_LINK: _password_link,
    Notice.Kind.PASSWORD_CHANGED: _password_changed,
}
"""Kind → its subject, then its paragraphs, in the language that is active."""
