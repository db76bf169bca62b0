"""The numbered clauses of the document, as strips."""

from collections.abc import Sequence
from itertools import zip_longest

from contracts.pdf import fonts
from contracts.pdf.clauses import PrintedClause, fill_clauses, get_variable_values
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels, get_languages
from contracts.pdf.layout import ACCENT, LEFT, MIDDLE_GAP, WIDTH, Strip, Style, Text
from contracts.pdf.sections import section_heading
from contracts.pdf.snapshot import ContractSnapshot
from contracts.pdf.tags import Tag

CLAUSE_SIZE, CLAUSE_LEADING = 8.6, 12.8
BILINGUAL_SIZE, BILINGUAL_LEADING = 7.9, 11.8
"""For two languages side by side."""
CLAUSE_HEADING_WIDTH = 112.0
"""In one language, headings are beside the text, so that its lines are short enough to read."""
CHINESE_COLUMN_WIDTH = 198.0
"""Chinese needs less room than English, so its column is narrower and both end together."""


def terms(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Return the numbered clauses, Chinese at the left of English. The last one stays with the next section."""
    values = get_variable_values(snapshot)
    bilingual = snapshot.language == "both"
    texts = [
        fill_clauses(snapshot.clauses, language, bilingual=bilingual, **values)
        for language in get_languages(snapshot.language)
    ]
    strips = [section_heading(labels("terms"), labels("terms_version", version=snapshot.clause_version))]
    for number, versions in enumerate(zip(*texts, strict=True), start=1):
        if bilingual:
            strips += _clause_in_two_languages(number, *versions)
        else:
            strips += _clause(number, versions[0], chinese=snapshot.language == "zh-hans")
    last = max(n for n, strip in enumerate(strips) if strip.space)
    for strip in strips[last:]:
        strip.keep = True
    return strips


def _clause(number: int, clause: PrintedClause, *, chinese: bool) -> list[Strip]:
    """Return a clause in one language: the heading beside the text."""
    x = LEFT + CLAUSE_HEADING_WIDTH + 12
    section = Tag("Sect")
    heading = _heading_lines(number, clause, LEFT, CLAUSE_HEADING_WIDTH, CLAUSE_SIZE, Tag("H3", section))
    text = _text_lines(clause, x, LEFT + WIDTH - x, CLAUSE_SIZE, Tag("P", section), chinese=chinese)
    strips = _as_strips([heading, text], CLAUSE_LEADING, (number, x), whole=6)
    strips[0].space = 6
    return strips


def _clause_in_two_languages(number: int, chinese: PrintedClause, english: PrintedClause) -> list[Strip]:
    """Return a clause with Chinese and English side by side, each under its heading."""
    x = LEFT + CHINESE_COLUMN_WIDTH + MIDDLE_GAP
    places = ((chinese, LEFT, CHINESE_COLUMN_WIDTH), (english, x, LEFT + WIDTH - x))
    headings, texts = [], []
    for (clause, at, width), language in zip(places, ("zh-Hans", "en"), strict=True):
        section = Tag("Sect", lang=language)
        headings.append(_heading_lines(number, clause, at, width, BILINGUAL_SIZE, Tag("H3", section)))
        paragraph = Tag("P", section)
        texts.append(_text_lines(clause, at, width, BILINGUAL_SIZE, paragraph, chinese=clause is chinese))
    above = _as_strips(headings, BILINGUAL_LEADING, (number, x), whole=9)
    above[0].space = 8
    above[-1].height += 2
    above[-1].keep = True
    return [*above, *_as_strips(texts, BILINGUAL_LEADING, (number, x), whole=9)]


def _heading_lines(
    number: int, clause: PrintedClause, x: float, width: float, size: float, tag: Tag
) -> list[list[Text]]:
    """Return number and heading of a clause as lines, each beginning under the first word of the heading."""
    style = Style(BOLD, size, ACCENT)
    indent = fonts.text_width("00", BOLD, size) + 5
    wrapped = fonts.wrap(clause.heading, BOLD, size, width - indent)
    first, *more = [[Text(x + indent, 0, line, style, tag=tag)] for line in wrapped] or [[]]
    return [[Text(x, 0, str(number), style, tag=tag), *first], *more]


def _text_lines(
    clause: PrintedClause, x: float, width: float, size: float, tag: Tag, *, chinese: bool
) -> list[list[Text]]:
    """Return the text of a clause as lines, bold if set apart.

    Chinese is justified; English is left-aligned, since it is not hyphenated.
    """
    font = BOLD if clause.set_apart else REGULAR
    style = Style(font, size)
    if chinese:
        lines = fonts.justify(clause.text, font, size, width)
        return [[Text(x, 0, line, style, spread, tag)] for line, spread in lines]
    return [[Text(x, 0, line, style, tag=tag)] for line in fonts.wrap(clause.text, font, size, width)]


def _as_strips(
    columns: Sequence[list[list[Text]]], leading: float, mark: tuple[int, float], *, whole: int
) -> list[Strip]:
    """Return a strip per line of two columns. Up to `whole` lines stay together, of more the first and last two."""
    strips = []
    for lines in zip_longest(*columns, fillvalue=[]):
        texts = [text._replace(down=leading * 0.76) for line in lines for text in line]
        strips.append(Strip(leading, texts, columns=mark))
    count = len(strips)
    for n, strip in enumerate(strips[:-1]):
        strip.keep = count <= whole or n == 0 or n == count - 2
    return strips
