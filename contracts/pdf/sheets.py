"""Strips as a finished file: what every page carries above and below, the file's properties, the draft's marks."""

from dataclasses import dataclass
from datetime import datetime

from common.normal_forms import normalise_line
from contracts.pdf import fonts
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

SMALL = 7.2
HEADER_DOWN = 40.0
FOOTER_DOWN = PAGE_HEIGHT - 34.0


@dataclass(frozen=True, slots=True)
class Cover:
    """What is said of the document as a whole."""

    title: str
    number: str
    """Of the contract."""
    issuer: str
    verification_code: str
    language: Language
    created: datetime
    """Aware, in the zone of the document's dates."""


def draw(strips: list[Strip], cover: Cover, *, draft: bool) -> bytes:
    """The document as a PDF file with a place for the seal; a draft is marked as one on every page."""
    labels = Labels(cover.language)
    pages = paginate(strips)
    painter = Painter(
        title=f"{cover.title} {cover.number}",
        author=normalise_line(cover.issuer),
        subject=cover.title,
        language="en" if cover.language == "en" else "zh-Hans",
        created=cover.created,
    )
    marks = DraftMarks(painter.canvas)
    for number, page in enumerate(pages, start=1):
        painter.page(page, *_header_and_footer(cover, labels, number, len(pages)))
        for top, strip in page:
            if strip.bookmark:
                painter.bookmark(strip.bookmark, top)
        if draft:
            marks.mark_page(number)
        for x, y in _seal_places(page):
            marks.mark_seal_place(x, y)
        painter.end_page()
    return painter.bytes()


def _header_and_footer(cover: Cover, labels: Labels, number: int, count: int) -> tuple[list[Text], list[Box]]:
    """Issuer, title and number above; verification code and page number below."""
    about = f"{cover.title}  |  {cover.number}"
    page = "  ".join(labels.lines("page", page=number, pages=count))
    code = f"{labels('verification')}  {cover.verification_code}"
    about_width = fonts.text_width(about, BOLD, SMALL)
    issuer = fonts.fit(cover.issuer, REGULAR, SMALL, WIDTH - about_width - 20)
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
