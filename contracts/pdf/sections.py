"""The parts of the document around the order table, each as strips."""

from collections.abc import Sequence
from itertools import zip_longest

from common.money import amount_in_words, format_amount
from contracts.pdf import fonts
from contracts.pdf.clauses import Clause, filled, values_of
from contracts.pdf.dates import print_date, print_zone
from contracts.pdf.draft_mark import SEAL_SIZE
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels, languages
from contracts.pdf.layout import (
    ACCENT,
    COLUMN_WIDTH,
    GREY,
    HAIRLINE,
    LEFT,
    MIDDLE_GAP,
    RULE,
    SECOND_COLUMN,
    WIDTH,
    Box,
    Strip,
    Style,
    Text,
)
from contracts.pdf.qr import QR_SIZE, qr_boxes
from contracts.pdf.snapshot import ContractSnapshot

BODY = 8.4
LABEL = 7.4
LEADING = 12.6
ROW_GAP = 2.6
"""White between a detail and the next."""
PARTY_DETAILS = ("name", "address", "contact", "phone", "email", "bank", "bank_account", "tax_number")
CLAUSE, CLAUSE_LEADING = 8.6, 12.8
TWO_CLAUSES, TWO_CLAUSES_LEADING = 7.9, 11.8
"""Size and leading of the clauses in one language, and in two side by side."""
HEADING_WIDTH = 112.0
"""Clause headings in one language stand beside the text, so that its lines are not too long to read."""
CHINESE_WIDTH = 198.0
"""Chinese takes less room than English: its column is narrower, so that both end together."""
SIGNATURE_NAME_LINES = 4
LABEL_STYLE = Style(BOLD, LABEL, GREY)
NOTE_STYLE = Style(REGULAR, LABEL, GREY)
VALUE_STYLE = Style(REGULAR, BODY)
LARGE_STYLE = Style(REGULAR, BODY + 0.6)
HEADING_STYLE = Style(BOLD, 10.5, ACCENT)


def section_heading(text: str, note: str = "") -> Strip:
    """A heading over a rule, with an optional note at the right; it stays with what follows."""
    strip = Strip(25, space=13, keep=True, bookmark=text)
    strip.texts.append(Text(LEFT, 12, text, HEADING_STYLE))
    if note:
        width = fonts.text_width(note, REGULAR, LABEL)
        strip.texts.append(Text(LEFT + WIDTH - width, 12, note, NOTE_STYLE))
    strip.boxes.append(Box(LEFT, 18, WIDTH, HAIRLINE, RULE))
    return strip


def title(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """The title, and below it number, date and customer account."""
    facts = [
        (labels("number"), snapshot.number),
        (labels("applied_at"), print_date(snapshot.applied_at, snapshot.time_zone)),
        (labels("account_number"), snapshot.party_a.account_number),
    ]
    return headline(labels.lines(snapshot.type.title), facts)


def headline(titles: list[str], facts: Sequence[tuple[str, str]]) -> list[Strip]:
    """The title, one line a language, and below it up to three facts in columns; facts without a value are left out."""
    main, *under = titles
    head = Strip(62 if under else 44)
    head.boxes.append(Box(LEFT, 6, 26, 2.6, ACCENT))
    head.texts.append(Text(LEFT, 36, main, Style(BOLD, 21, ACCENT)))
    head.lines(LEFT, 54, under, Style(BOLD, 11.5, GREY), 14)
    third = WIDTH / 3
    strip = Strip(0, space=4)
    for n, (label, value) in enumerate((label, value) for label, value in facts if value):
        x = LEFT + third * n
        strip.texts.append(label_text(x, 16, label))
        strip.lines(x, 30, fonts.wrap(value, REGULAR, 10, third - 12), Style(REGULAR, 10), 13)
    strip.height = max(text.down for text in strip.texts) + 10
    strip.boxes = [Box(LEFT, 0, WIDTH, HAIRLINE, RULE), Box(LEFT, strip.height, WIDTH, HAIRLINE, RULE)]
    return [head, strip]


def label_text(x: float, down: float, label: str) -> Text:
    return Text(x, down, label, LABEL_STYLE)


def parties(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Both parties side by side, the same detail on the same line. Details that neither party gave are left out."""
    both = (snapshot.party_a, snapshot.party_b)
    indent = max(fonts.text_width(labels(name), BOLD, LABEL) for name in PARTY_DETAILS) + 10
    columns: list[list[Text]] = []
    strip = Strip(0, space=14, bookmark=labels("parties"))
    for x, key in ((LEFT, "party_a"), (SECOND_COLUMN, "party_b")):
        columns.append([Text(x, 12, labels(key), HEADING_STYLE)])
        strip.boxes.append(Box(x, 18, COLUMN_WIDTH, HAIRLINE, RULE))
    down = 20 + LEADING
    for name in PARTY_DETAILS:
        values = [fonts.wrap(getattr(party, name), REGULAR, BODY, COLUMN_WIDTH - indent) for party in both]
        for x, texts, lines in zip((LEFT, SECOND_COLUMN), columns, values, strict=True):
            if lines:
                texts.append(label_text(x, down, labels(name)))
                texts += [Text(x + indent, down + LEADING * n, line, VALUE_STYLE) for n, line in enumerate(lines)]
        if any(values):
            down += LEADING * max(map(len, values)) + ROW_GAP
    strip.texts = [*columns[0], *columns[1]]
    strip.height = down - LEADING + 3
    return [strip]


def pairs(
    strip: Strip, x: float, width: float, down: float, rows: Sequence[tuple[str, str]], *, indent: float = 0
) -> float:
    """Add labels with their values, wrapped, from `down`; rows without a value are left out. Where they end.

    Values begin at `indent`, or where the widest label lets them.
    """
    indent = indent or max(fonts.text_width(label, BOLD, LABEL) for label, _ in rows) + 10
    for label, value in rows:
        lines = fonts.wrap(value, REGULAR, BODY, width - indent)
        if lines:
            strip.texts.append(Text(x, down + LEADING, label, LABEL_STYLE))
            strip.lines(x + indent, down + LEADING, lines, VALUE_STYLE, LEADING)
            down += LEADING * len(lines) + ROW_GAP
    return down + 3


def total(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """The total in figures and in words, under the table."""
    rows = []
    for language in languages(snapshot.language):
        [label] = Labels(language).lines("in_words")
        rows.append((label, amount_in_words(snapshot.total_amount, snapshot.currency, language)))
    heading = labels("in_figures")
    indent = max(fonts.text_width(label, BOLD, LABEL) for label, _ in [(heading, ""), *rows]) + 10
    strip = Strip(0, space=2)
    strip.texts.append(label_text(LEFT, 16, heading))
    figure = format_amount(snapshot.total_amount, snapshot.currency)
    strip.texts.append(Text(LEFT + indent, 16, figure, Style(BOLD, 11.5, ACCENT)))
    strip.height = pairs(strip, LEFT, WIDTH, 19, rows, indent=indent)
    return [strip]


def remittance(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Where to pay (R13); nothing if the contract type asks for no payment."""
    account = snapshot.remittance
    if account is None:
        return []
    rows = [
        (labels("payee"), account.payee),
        (labels("bank"), account.bank),
        (labels("bank_account"), account.account_number),
        (labels("account_kind"), labels("exclusive" if account.exclusive else "general")),
        (labels("reference"), snapshot.number),
    ]
    strip = Strip(0)
    strip.height = pairs(strip, LEFT, WIDTH, -4, rows)
    return [section_heading(labels("remittance")), strip]


def validity(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """The valid period (R19), and the zone of all dates."""
    zone = snapshot.time_zone
    strip = Strip(0)
    lines = snapshot.type.validity(snapshot, labels)
    wrapped = [part for line in lines for part in fonts.wrap(line, REGULAR, BODY + 0.6, WIDTH)]
    strip.lines(LEFT, 9, wrapped, LARGE_STYLE, LEADING + 1)
    down = 9 + (LEADING + 1) * len(wrapped)
    notes = labels.lines("zone", zone=print_zone(zone, *snapshot.printed_instants()))
    strip.lines(LEFT, down, notes, NOTE_STYLE, LEADING - 2)
    strip.height = down + (LEADING - 2) * (len(notes) - 1) + 6
    return [section_heading(labels("validity")), strip]


def terms(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """The clauses, numbered; in two languages side by side, Chinese at the left. The last stays with what follows."""
    values = values_of(snapshot)
    bilingual = snapshot.language == "both"
    texts = [
        filled(snapshot.clauses, language, bilingual=bilingual, **values) for language in languages(snapshot.language)
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


def _clause(number: int, clause: Clause, *, chinese: bool) -> list[Strip]:
    """One clause in one language: the heading beside the text."""
    x = LEFT + HEADING_WIDTH + 12
    heading = _heading_lines(number, clause, LEFT, HEADING_WIDTH, CLAUSE)
    text = _text_lines(clause, x, LEFT + WIDTH - x, CLAUSE, chinese=chinese)
    strips = _as_strips([heading, text], CLAUSE_LEADING, (number, x), whole=6)
    strips[0].space = 6
    return strips


def _clause_in_two_languages(number: int, chinese: Clause, english: Clause) -> list[Strip]:
    """One clause, Chinese and English side by side, each under its heading."""
    x = LEFT + CHINESE_WIDTH + MIDDLE_GAP
    places = ((chinese, LEFT, CHINESE_WIDTH), (english, x, LEFT + WIDTH - x))
    headings = [_heading_lines(number, clause, at, width, TWO_CLAUSES) for clause, at, width in places]
    texts = [_text_lines(clause, at, width, TWO_CLAUSES, chinese=clause is chinese) for clause, at, width in places]
    above = _as_strips(headings, TWO_CLAUSES_LEADING, (number, x), whole=9)
    above[0].space = 8
    above[-1].height += 2
    above[-1].keep = True
    return [*above, *_as_strips(texts, TWO_CLAUSES_LEADING, (number, x), whole=9)]


def _heading_lines(number: int, clause: Clause, x: float, width: float, size: float) -> list[list[Text]]:
    """A clause's number and heading as lines; what is not its first line begins under the first word."""
    style = Style(BOLD, size, ACCENT)
    indent = fonts.text_width("00", BOLD, size) + 5
    lines = [[Text(x + indent, 0, line, style)] for line in fonts.wrap(clause.heading, BOLD, size, width - indent)]
    first, *more = lines or [[]]
    return [[Text(x, 0, str(number), style), *first], *more]


def _text_lines(clause: Clause, x: float, width: float, size: float, *, chinese: bool) -> list[list[Text]]:
    """A clause's text as lines: Chinese flush at both edges, English at the left, as its words are not hyphenated."""
    style = Style(REGULAR, size)
    if chinese:
        return [[Text(x, 0, line, style, spread)] for line, spread in fonts.justify(clause.text, REGULAR, size, width)]
    return [[Text(x, 0, line, style)] for line in fonts.wrap(clause.text, REGULAR, size, width)]


def _as_strips(
    columns: Sequence[list[list[Text]]], leading: float, mark: tuple[int, float], *, whole: int
) -> list[Strip]:
    """Two columns of lines as a strip a line. Up to `whole` lines stay together, of more the first and last two."""
    strips = []
    for lines in zip_longest(*columns, fillvalue=[]):
        texts = [text._replace(down=leading * 0.76) for line in lines for text in line]
        strips.append(Strip(leading, texts, columns=mark))
    count = len(strips)
    for n, strip in enumerate(strips[:-1]):
        strip.keep = count <= whole or n == 0 or n == count - 2
    return strips


def signatures(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Places to sign for Party A and to seal for Party B; on one page with the verification code."""
    strip = Strip(0, keep=True)
    ends = []
    for x, key, party in ((LEFT, "sign_a", snapshot.party_a), (SECOND_COLUMN, "sign_b", snapshot.party_b)):
        names = fonts.wrap(party.name, REGULAR, BODY + 0.6, COLUMN_WIDTH)[:SIGNATURE_NAME_LINES]
        strip.texts.append(Text(x, 9, labels(key), LABEL_STYLE))
        strip.lines(x, 24, names, LARGE_STYLE, LEADING + 1)
        ends.append(24 + (LEADING + 1) * len(names))
        if key == "sign_b":
            lines = labels.lines("sealed_on")
            strip.lines(x, ends[-1] + 6, lines, NOTE_STYLE, LEADING - 1)
    for n, key in enumerate(("signatory", "date")):
        down = ends[0] + 36 + 34 * n
        strip.texts.append(Text(LEFT, down, labels(key), LABEL_STYLE))
        start = fonts.text_width(labels(key), BOLD, LABEL) + 8
        strip.boxes.append(Box(LEFT + start, down + 2, COLUMN_WIDTH - start - 20, HAIRLINE, GREY))
    beside_name = max(9, ends[1] - 6)
    strip.seal_at = (LEFT + WIDTH - SEAL_SIZE, beside_name)
    strip.height = max(ends[0] + 80, beside_name + SEAL_SIZE + 4)
    return [section_heading(labels("signatures")), strip]


def verification(code: str, url: str, labels: Labels) -> list[Strip]:
    """The verification code as printed, the QR code of `url`, and how to use them."""
    strip = Strip(QR_SIZE + 14, space=8, bookmark=labels("verification"))
    strip.boxes = [Box(LEFT, 0, WIDTH, HAIRLINE, RULE), *qr_boxes(url, LEFT, 12)]
    x = LEFT + QR_SIZE + 16
    strip.texts.append(Text(x, 21, labels("verification"), LABEL_STYLE))
    strip.texts.append(Text(x, 37, code, Style(BOLD, 12, ACCENT)))
    down = 53.0
    for line in labels.lines("verify", url=url.partition("?")[0]):
        wrapped = fonts.wrap(line, REGULAR, LABEL, LEFT + WIDTH - x)
        strip.lines(x, down, wrapped, NOTE_STYLE, LEADING - 2)
        down += (LEADING - 2) * len(wrapped) + 1
    strip.height = max(strip.height, down)
    return [strip]
