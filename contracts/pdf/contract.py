"""What the document holds, in which order."""

from contracts.pdf import fonts, sections
from contracts.pdf.draft_mark import SEAL_SIZE, DraftMarks
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels
from contracts.pdf.layout import (
    GREY,
    HAIRLINE,
    LEFT,
    PAGE_HEIGHT,
    RIGHT,
    RULE,
    WIDTH,
    Box,
    Page,
    Strip,
    Style,
    Text,
    paginate,
)
from contracts.pdf.paint import Painter
from contracts.pdf.snapshot import ContractSnapshot
from contracts.pdf.table import OrderTable

SMALL = 7.2
HEADER_DOWN = 40.0
FOOTER_DOWN = PAGE_HEIGHT - 34.0


def render_draft(snapshot: ContractSnapshot) -> bytes:
    """The draft contract as a PDF file: always the same bytes for the same snapshot.

    Everything that makes it a draft is annotations (see draft_mark); the page content is the contract's. Characters
    that the fonts lack must have been refused before, with `missing_characters` (R28).
    """
    labels = Labels(snapshot.language)
    pages = paginate(_strips(snapshot, labels))
    painter = Painter(
        title=f"{labels(f'title_{snapshot.type}')} {snapshot.number}",
        author=fonts.one_line(snapshot.party_b.name),
        subject=labels(f"title_{snapshot.type}"),
        language="en" if snapshot.language == "en" else "zh-Hans",
        created=snapshot.applied_at.astimezone(snapshot.time_zone),
    )
    marks = DraftMarks(painter)
    for number, page in enumerate(pages, start=1):
        painter.page(page, *_header_and_footer(snapshot, labels, number, len(pages)))
        marks.mark_page(number)
        for x, y in _seal_places(page):
            marks.mark_seal_place(x, y)
        painter.end_page()
    return painter.bytes()


def _strips(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    unit = labels("amounts_in", currency=snapshot.currency)
    return [
        *sections.title(snapshot, labels),
        *sections.parties(snapshot, labels),
        sections.section_heading(labels("orders"), unit),
        *OrderTable(snapshot, labels).strips(),
        *sections.total(snapshot, labels),
        *sections.remittance(snapshot, labels),
        *sections.validity(snapshot, labels),
        *sections.terms(snapshot, labels),
        *sections.signatures(snapshot, labels),
        *sections.verification(snapshot, labels),
    ]


def _header_and_footer(
    snapshot: ContractSnapshot, labels: Labels, number: int, count: int
) -> tuple[list[Text], list[Box]]:
    """Issuer, title and number above; verification code and page number below."""
    about = f"{labels(f'title_{snapshot.type}')}  ·  {snapshot.number}"
    page = "  ".join(labels.lines("page", page=number, pages=count))
    code = f"{labels('verification')}  {snapshot.verification_code}"
    about_width = fonts.text_width(about, BOLD, SMALL)
    issuer = fonts.fit(snapshot.party_b.name, REGULAR, SMALL, WIDTH - about_width - 20)
    quiet = Style(REGULAR, SMALL, GREY)
    texts = [
        Text(LEFT, HEADER_DOWN, issuer, quiet),
        Text(RIGHT - about_width, HEADER_DOWN, about, Style(BOLD, SMALL, GREY)),
        Text(LEFT, FOOTER_DOWN, code, quiet),
        Text(RIGHT - fonts.text_width(page, REGULAR, SMALL), FOOTER_DOWN, page, quiet),
    ]
    rules = [
        Box(LEFT, HEADER_DOWN + 7, WIDTH, HAIRLINE, RULE),
        Box(LEFT, FOOTER_DOWN - 13, WIDTH, HAIRLINE, RULE),
    ]
    return texts, rules


def _seal_places(page: Page) -> list[tuple[float, float]]:
    """Lower left corners of the seal's places on the page: one, on the last."""
    return [(strip.seal_at[0], top - strip.seal_at[1] - SEAL_SIZE) for top, strip in page if strip.seal_at is not None]
