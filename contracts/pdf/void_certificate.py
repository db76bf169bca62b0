"""The void certificate: one page that says which official contract is void since when, and who decided it (R5)."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from common.money import format_amount
from contracts.pdf import fonts, sections
from contracts.pdf.dates import print_time, print_zone
from contracts.pdf.draft_mark import SEAL_SIZE
from contracts.pdf.fonts import REGULAR
from contracts.pdf.labels import Labels, Language
from contracts.pdf.layout import LEFT, SECOND_COLUMN, WIDTH, Strip
from contracts.pdf.sheets import Cover, draw
from contracts.pdf.snapshot import DocumentType


@dataclass(frozen=True, slots=True)
class VoidCertificate:
    """All that the certificate says. It repeats no text that a customer wrote: those stand in the ticket."""

    number: str
    """Of the voided contract."""
    type: DocumentType
    language: Language
    party_a: str
    party_b: str
    total_amount: Decimal
    currency: str
    """ISO 4217."""
    official_at: datetime
    voided_at: datetime
    sha256: str
    """Of the voided document, in hex."""
    ticket: str
    ticket_opened_at: datetime
    decided_by: str
    time_zone: tzinfo
    """Times are printed in this zone: the account's."""
    verification_code: str
    """As printed, in groups."""
    verification_url: str


def render_void_certificate(certificate: VoidCertificate) -> bytes:
    """The certificate as a PDF file with a place for the seal, which makes it valid: unsealed it certifies nothing.

    Always the same bytes for the same certificate. Characters that the fonts lack must have been refused before (R28).
    """
    labels = Labels(certificate.language)
    cover = Cover(
        title=labels("title_void"),
        number=certificate.number,
        issuer=certificate.party_b,
        verification_code=certificate.verification_code,
        language=certificate.language,
        created=certificate.voided_at.astimezone(certificate.time_zone),
    )
    strips = [
        *sections.headline(labels.lines("title_void"), _key_facts(certificate, labels)),
        *_statement(certificate, labels),
        *_facts(certificate, labels),
        *_how_to_check(labels),
        *_seal_place(labels),
        *sections.verification(certificate.verification_code, certificate.verification_url, labels),
    ]
    return draw(strips, cover, draft=False)


def _key_facts(certificate: VoidCertificate, labels: Labels) -> list[tuple[str, str]]:
    return [
        (labels("number"), certificate.number),
        (labels("voided_at"), print_time(certificate.voided_at, certificate.time_zone)),
        (labels("ticket"), certificate.ticket),
    ]


def _statement(certificate: VoidCertificate, labels: Labels) -> list[Strip]:
    """What is certified, in a sentence a language."""
    at = print_time(certificate.voided_at, certificate.time_zone)
    sentences = labels.lines("void_statement", number=certificate.number, at=at, ticket=certificate.ticket)
    return _paragraphs(sentences, space=14)


def _facts(certificate: VoidCertificate, labels: Labels) -> list[Strip]:
    zone = certificate.time_zone
    rows = [
        (labels("contract_type"), labels(certificate.type.title)),
        (labels("party_a"), certificate.party_a),
        (labels("party_b"), certificate.party_b),
        (labels("in_figures"), format_amount(certificate.total_amount, certificate.currency)),
        (labels("official_at"), print_time(certificate.official_at, zone)),
        (labels("ticket_opened_at"), print_time(certificate.ticket_opened_at, zone)),
        (labels("decided_by"), certificate.decided_by),
        ("SHA-256", certificate.sha256),
    ]
    strip = Strip(0)
    strip.height = sections.pairs(strip, LEFT, WIDTH, -4, rows)
    instants = (certificate.voided_at, certificate.official_at, certificate.ticket_opened_at)
    notes = labels.lines("zone", zone=print_zone(zone, *instants))
    note = Strip((sections.LEADING - 2) * len(notes) + 4)
    note.lines(LEFT, 8, notes, sections.NOTE_STYLE, sections.LEADING - 2)
    return [sections.section_heading(labels("voided_contract")), strip, note]


def _how_to_check(labels: Labels) -> list[Strip]:
    return [sections.section_heading(labels("how_to_check")), *_paragraphs(labels.lines("void_check"))]


def _seal_place(labels: Labels) -> list[Strip]:
    strip = Strip(SEAL_SIZE + 8, space=13, keep=True)
    strip.texts.append(sections.label_text(SECOND_COLUMN, 12, labels("sign_b")))
    strip.lines(SECOND_COLUMN, 28, labels.lines("sealed_on"), sections.NOTE_STYLE, sections.LEADING - 1)
    strip.seal_at = (LEFT + WIDTH - SEAL_SIZE, 4)
    return [strip]


def _paragraphs(texts: list[str], *, space: float = 0) -> list[Strip]:
    """The texts, one a language, as paragraphs."""
    strip = Strip(0, space=space)
    down = 10.0
    for text in texts:
        lines = fonts.wrap(text, REGULAR, sections.BODY + 0.6, WIDTH)
        strip.lines(LEFT, down, lines, sections.LARGE_STYLE, sections.LEADING + 1)
        down += (sections.LEADING + 1) * len(lines) + 3
    strip.height = down - 11
    return [strip]
