"""Render strips as a PDF file, with header, footer, file properties and draft marks."""

from dataclasses import dataclass
from datetime import datetime

from common.normal_forms import normalise_line
from contracts.pdf import fonts
from contracts.pdf.archive import make_archival
from contracts.pdf.draft_mark import SEAL_SIZE, DraftMarks
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels, Language
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
from contracts.pdf.tags import FOOTER, HEADER, Tag, complete_tags
from contracts.pdf.watermark import draw_watermark

SMALL_SIZE = 7.5
SMALL_LEADING = 9.5
HEADER_DOWN = 40.0
FOOTER_DOWN = PAGE_HEIGHT - 34.0
TEST_SIZE = 10.0
TEST_LEADING = 14.0
TEST_COLOUR = (0.70, 0.07, 0.09)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """Properties of the document as a whole."""

    title: str
    number: str
    """Of the contract."""
    issuer: str
    verification_code: str
    language: Language
    created: datetime
    """Aware, in the zone of the document's dates."""
    is_test: bool = False
    """True: the document says TEST on every page (R48)."""


def render_pages(strips: list[Strip], info: DocumentInfo, *, draft: bool, data: bytes = b"") -> bytes:
    """Return the document as a PDF file with a place for the seal. A draft is marked on every page.

    `data` is attached as contract.json.
    """
    labels = Labels(info.language)
    if info.is_test:
        strips = [_test_notice(labels), *strips]
    tags = complete_tags(strips)
    pages = paginate(strips)
    painter = Painter(
        title=f"{info.title} {info.number}",
        author=normalise_line(info.issuer),
        subject=info.title,
        language="en" if info.language == "en" else "zh-Hans",
        created=info.created,
    )
    marks = DraftMarks(painter.canvas, labels)
    for number, page in enumerate(pages, start=1):
        if info.is_test:
            draw_watermark(painter.canvas)
        painter.draw_page(page, *_header_and_footer(info, labels, number, len(pages), draft=draft))
        for top, strip in page:
            if strip.bookmark:
                painter.add_bookmark(strip.bookmark, top)
        if draft:
            marks.mark_page(number)
        for place in _seal_places(page):
            marks.mark_seal_place(*place)
        painter.end_page()
    # The first page's mark is read first, the others last.
    order = [*marks.page_tags[:1], *tags, *marks.page_tags[1:]]
    return make_archival(painter.save(), order, painter.marks, marks.tags, created=info.created, data=data)


def _test_notice(labels: Labels) -> Strip:
    """Return the notice that begins the document, for people and screen readers."""
    lines = labels.lines("test_notice")
    strip = Strip(TEST_LEADING * len(lines) + 6, keep=True)
    strip.add_lines(LEFT, TEST_LEADING, lines, Style(BOLD, TEST_SIZE, TEST_COLOUR), TEST_LEADING)
    return strip


def _header_and_footer(
    info: DocumentInfo, labels: Labels, number: int, count: int, *, draft: bool
) -> tuple[list[Text], list[Box]]:
    """Return the texts and rules of header (issuer, title, number) and footer (verification code, page number).

    A draft says on each page that it is one without a valid seal (R39). The text stays true when it is sealed.
    """
    about = f"{info.title}  |  {info.number}"
    page = "  ".join(labels.lines("page", page=number, pages=count))
    code = f"{labels('verification')}  {info.verification_code}"
    about_width = fonts.text_width(about, BOLD, SMALL_SIZE)
    issuer = normalise_line(info.issuer)
    if fonts.text_width(issuer, REGULAR, SMALL_SIZE) > WIDTH - about_width - 20:
        issuer = ""  # printed whole or not at all; the parties have it in any case
    quiet = Style(REGULAR, SMALL_SIZE, GREY)
    texts = [
        Text(RIGHT - about_width, HEADER_DOWN, about, Style(BOLD, SMALL_SIZE, GREY), tag=HEADER),
        Text(LEFT, FOOTER_DOWN, code, quiet, tag=FOOTER),
        Text(RIGHT - fonts.text_width(page, REGULAR, SMALL_SIZE), FOOTER_DOWN, page, quiet, tag=FOOTER),
    ]
    if info.is_test:
        notice = "  ".join(labels.lines("test_notice"))
        texts.append(Text(LEFT, HEADER_DOWN - SMALL_LEADING, notice, Style(BOLD, SMALL_SIZE, TEST_COLOUR), tag=HEADER))
    if issuer:
        texts.insert(0, Text(LEFT, HEADER_DOWN, issuer, quiet, tag=HEADER))
    if draft:
        notice = "  ".join(labels.lines("draft_notice"))
        texts.append(Text(LEFT, FOOTER_DOWN + SMALL_LEADING, notice, quiet, tag=FOOTER))
    rules = [
        Box(LEFT, HEADER_DOWN + 7, WIDTH, HAIRLINE, RULE),
        Box(LEFT, FOOTER_DOWN - 13, WIDTH, HAIRLINE, RULE),
    ]
    return texts, rules


def _seal_places(page: Page) -> list[tuple[float, float, Tag]]:
    """Return lower left corner and tag of the seal's places on this page. Only the last page has one."""
    return [
        (strip.seal_at[0], top - strip.seal_at[1] - SEAL_SIZE, strip.seal)
        for top, strip in page
        if strip.seal_at is not None and strip.seal is not None
    ]
