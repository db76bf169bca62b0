"""The void certificate: one page that states which official contract was voided, when, and by whom (R5)."""

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
from contracts.pdf.sheets import DocumentInfo, render_pages
from contracts.pdf.snapshot import DocumentType
from contracts.pdf.tags import Tag


@dataclass(frozen=True, slots=True)
class VoidCertificate:
    """Content of the certificate. It repeats no text written by the customer; the ticket has those."""

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
    is_test: bool = False


def render_void_certificate(certificate: VoidCertificate) -> bytes:
    """Return the certificate as a PDF file with a place for the seal. It is valid only once it is sealed.

    The same certificate always gives the same bytes. Before calling this, refuse unprintable texts (R28).
    """
    labels = Labels(certificate.language)
    info = DocumentInfo(
        title=labels("title_void"),
        number=certificate.number,
        issuer=certificate.party_b,
        verification_code=certificate.verification_code,
        language=certificate.language,
        created=certificate.voided_at.astimezone(certificate.time_zone),
        is_test=certificate.is_test,
    )
    strips = [
        *sections.headline(labels.lines("title_void"), _key_facts(certificate, labels)),
        *_statement(certificate, labels),
        *_facts(certificate, labels),
        *_how_to_check(labels),
        *_seal_place(labels),
        *_verification(certificate, labels),
    ]
    return render_pages(strips, info, draft=False)


def _key_facts(certificate: VoidCertificate, labels: Labels) -> list[tuple[str, str]]:
    return [
        (labels("number"), certificate.number),
        (labels("voided_at"), print_time(certificate.voided_at, certificate.time_zone)),
        (labels("ticket"), certificate.ticket),
    ]


def _statement(certificate: VoidCertificate, labels: Labels) -> list[Strip]:
    """Return the certified statement in each language."""
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
    strip.height = sections.add_pairs(strip, LEFT, WIDTH, -4, rows)
    instants = (certificate.voided_at, certificate.official_at, certificate.ticket_opened_at)
    notes = labels.lines("zone", zone=print_zone(zone, *instants))
    note = Strip((sections.LEADING - 2) * len(notes) + 4)
    note.add_lines(LEFT, 8, notes, sections.NOTE_STYLE, sections.LEADING - 2)
    return [sections.section_heading(labels("voided_contract")), strip, note]


def _how_to_check(labels: Labels) -> list[Strip]:
    return [sections.section_heading(labels("how_to_check")), *_paragraphs(labels.lines("void_check"))]


def _verification(certificate: VoidCertificate, labels: Labels) -> list[Strip]:
    code, url = certificate.verification_code, certificate.verification_url
    return sections.verification(code, url, labels, text="void_verify", number=certificate.number)


def _seal_place(labels: Labels) -> list[Strip]:
    strip = Strip(SEAL_SIZE + 8, space=13, keep=True)
    strip.texts.append(sections.label_text(SECOND_COLUMN, 12, labels("sign_b")))
    strip.add_lines(SECOND_COLUMN, 28, labels.lines("sealed_on"), sections.NOTE_STYLE, sections.LEADING - 1)
    strip.seal_at = (LEFT + WIDTH - SEAL_SIZE, 4)
    strip.seal = Tag("Annot", alt=labels("seal_place"))
    return [strip]


def _paragraphs(texts: list[str], *, space: float = 0) -> list[Strip]:
    """Return the texts, one for each language, as paragraphs."""
    strip = Strip(0, space=space)
    down = 10.0
    for text in texts:
        lines = fonts.wrap(text, REGULAR, sections.BODY_SIZE + 0.6, WIDTH)
        with strip.tagged(Tag("P")):
            strip.add_lines(LEFT, down, lines, sections.LARGE_STYLE, sections.LEADING + 1)
        down += (sections.LEADING + 1) * len(lines) + 3
    strip.height = down - 11
    return [strip]
