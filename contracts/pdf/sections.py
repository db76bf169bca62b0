"""The sections of the document except the order table. Each function returns the strips of its section."""

from collections.abc import Sequence

from common.money import amount_in_words, format_amount
from contracts.pdf import fonts
from contracts.pdf.dates import print_date, print_zone
from contracts.pdf.draft_mark import SEAL_SIZE
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels, get_languages
from contracts.pdf.layout import (
    ACCENT,
    COLUMN_WIDTH,
    GREY,
    HAIRLINE,
    LEFT,
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
from contracts.pdf.tags import Tag, tag_pair

BODY_SIZE = 8.4
LABEL_SIZE = 7.5
LEADING = 12.6
ROW_GAP = 2.6
"""White space between two details."""
LABEL_STYLE = Style(BOLD, LABEL_SIZE, GREY)
NOTE_STYLE = Style(REGULAR, LABEL_SIZE, GREY)
VALUE_STYLE = Style(REGULAR, BODY_SIZE)
LARGE_STYLE = Style(REGULAR, BODY_SIZE + 0.6)
HEADING_STYLE = Style(BOLD, 10.5, ACCENT)


def section_heading(text: str, note: str = "") -> Strip:
    """Return a heading above a rule, with an optional note at the right. It stays with the next strip."""
    strip = Strip(25, space=13, keep=True, bookmark=text)
    strip.texts.append(Text(LEFT, 12, text, HEADING_STYLE, tag=Tag("H2")))
    if note:
        width = fonts.text_width(note, REGULAR, LABEL_SIZE)
        strip.texts.append(Text(LEFT + WIDTH - width, 12, note, NOTE_STYLE))
    strip.boxes.append(Box(LEFT, 18, WIDTH, HAIRLINE, RULE))
    return strip


def title(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Return the title, with number, date and customer account below it."""
    facts = [
        (labels("number"), snapshot.number),
        (labels("applied_at"), print_date(snapshot.applied_at, snapshot.time_zone)),
        (labels("account_number"), snapshot.party_a.account_number),
        (labels("po_number"), snapshot.po_number),
    ]
    return headline(labels.lines(snapshot.type.title), facts)


def headline(titles: list[str], facts: Sequence[tuple[str, str]]) -> list[Strip]:
    """Return the title, one line for each language, above its facts. Facts without a value are left out."""
    main, *under = titles
    head = Strip(62 if under else 44)
    head.boxes.append(Box(LEFT, 6, 26, 2.6, ACCENT))
    with head.tagged(Tag("H1")):
        head.texts.append(Text(LEFT, 36, main, Style(BOLD, 21, ACCENT)))
        head.add_lines(LEFT, 54, under, Style(BOLD, 11.5, GREY), 14)
    given = [(label, value) for label, value in facts if value]
    width = WIDTH / max(3, len(given))
    strip = Strip(0, space=4)
    pairs = Tag("L")
    for n, (label, value) in enumerate(given):
        x, first = LEFT + width * n, len(strip.texts)
        strip.texts.append(label_text(x, 16, label))
        strip.add_lines(x, 30, fonts.wrap(value, REGULAR, 10, width - 12), Style(REGULAR, 10), 13)
        tag_pair(strip, pairs, first)
    strip.height = max(text.down for text in strip.texts) + 10
    strip.boxes = [Box(LEFT, 0, WIDTH, HAIRLINE, RULE), Box(LEFT, strip.height, WIDTH, HAIRLINE, RULE)]
    return [head, strip]


def label_text(x: float, down: float, label: str) -> Text:
    return Text(x, down, label, LABEL_STYLE)


def add_pairs(
    strip: Strip,
    x: float,
    width: float,
    down: float,
    rows: Sequence[tuple[str, str]],
    *,
    indent: float = 0,
    pairs: Tag | None = None,
) -> float:
    """Add labels and wrapped values from `down`, without rows that have no value. Return where they end.

    Values begin at `indent`; 0 means after the widest label. `pairs` is a list that these rows continue.
    """
    indent = indent or max(fonts.text_width(label, BOLD, LABEL_SIZE) for label, _ in rows) + 10
    pairs = pairs or Tag("L")
    for label, value in rows:
        lines = fonts.wrap(value, REGULAR, BODY_SIZE, width - indent)
        if lines:
            first = len(strip.texts)
            strip.texts.append(Text(x, down + LEADING, label, LABEL_STYLE))
            strip.add_lines(x + indent, down + LEADING, lines, VALUE_STYLE, LEADING)
            tag_pair(strip, pairs, first)
            down += LEADING * len(lines) + ROW_GAP
    return down + 3


def total(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Return the total in figures and in words."""
    rows = []
    for language in get_languages(snapshot.language):
        [label] = Labels(language).lines("in_words")
        rows.append((label, amount_in_words(snapshot.total_amount, snapshot.currency, language)))
    heading = labels("in_figures")
    indent = max(fonts.text_width(label, BOLD, LABEL_SIZE) for label, _ in [(heading, ""), *rows]) + 10
    strip = Strip(0, space=2)
    strip.texts.append(label_text(LEFT, 16, heading))
    figure = format_amount(snapshot.total_amount, snapshot.currency)
    strip.texts.append(Text(LEFT + indent, 16, figure, Style(BOLD, 11.5, ACCENT)))
    pairs = Tag("L")
    tag_pair(strip, pairs, 0)
    strip.height = add_pairs(strip, LEFT, WIDTH, 19, rows, indent=indent, pairs=pairs)
    return [strip]


def remittance(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Return the account to pay to (R13); nothing if the contract type asks for no payment."""
    account = snapshot.remittance
    if account is None:
        return []
    rows = [
        (labels("payee"), account.payee),
        (labels("bank"), account.bank),
        (labels("bank_account"), _in_fours(account.account_number)),
        (labels("account_kind"), labels("exclusive" if account.exclusive else "general")),
        (labels("reference"), snapshot.number),
    ]
    strip = Strip(0)
    strip.height = add_pairs(strip, LEFT, WIDTH, -4, rows)
    return [section_heading(labels("remittance")), strip]


def _in_fours(number: str) -> str:
    """Return an account number in groups of four, as banks print it."""
    number = "".join(number.split())
    return " ".join(number[n : n + 4] for n in range(0, len(number), 4))


def validity(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Return the valid period (R19) and the time zone of all dates."""
    zone = snapshot.time_zone
    strip = Strip(0)
    lines = snapshot.type.validity(snapshot, labels)
    wrapped = [part for line in lines for part in fonts.wrap(line, REGULAR, BODY_SIZE + 0.6, WIDTH)]
    with strip.tagged(Tag("P")):
        strip.add_lines(LEFT, 9, wrapped, LARGE_STYLE, LEADING + 1)
    down = 9 + (LEADING + 1) * len(wrapped)
    notes = labels.lines("zone", zone=print_zone(zone, *snapshot.printed_instants()))
    strip.add_lines(LEFT, down, notes, NOTE_STYLE, LEADING - 2)
    strip.height = down + (LEADING - 2) * (len(notes) - 1) + 6
    return [section_heading(labels("validity")), strip]


def signatures(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Return the places for Party A's signature and Party B's seal. They stay with the verification code."""
    strip = Strip(0, keep=True)
    ends = []
    both = (Tag("Sect"), Tag("Sect"))
    parties = ((LEFT, "sign_a", snapshot.party_a), (SECOND_COLUMN, "sign_b", snapshot.party_b))
    for (x, key, party), tag in zip(parties, both, strict=True):
        names = fonts.wrap(party.name, REGULAR, BODY_SIZE + 0.6, COLUMN_WIDTH)
        strip.texts.append(Text(x, 9, labels(key), LABEL_STYLE, tag=Tag("P", tag)))
        with strip.tagged(Tag("P", tag)):
            strip.add_lines(x, 24, names, LARGE_STYLE, LEADING + 1)
        ends.append(24 + (LEADING + 1) * len(names))
        if party.signing_place:
            places = fonts.wrap(f"{labels('signing_place')}  {party.signing_place}", REGULAR, LABEL_SIZE, COLUMN_WIDTH)
            with strip.tagged(Tag("P", tag)):
                strip.add_lines(x, ends[-1] + 2, places, NOTE_STYLE, LEADING - 1)
            ends[-1] += (LEADING - 1) * len(places) + 2
        if key == "sign_b":
            lines = labels.lines("sealed_on")
            with strip.tagged(Tag("P", tag)):
                strip.add_lines(x, ends[-1] + 6, lines, NOTE_STYLE, LEADING - 1)
    for n, key in enumerate(("signatory", "date")):
        down = ends[0] + 36 + 34 * n
        strip.texts.append(Text(LEFT, down, labels(key), LABEL_STYLE, tag=Tag("P", both[0])))
        start = fonts.text_width(labels(key), BOLD, LABEL_SIZE) + 8
        strip.boxes.append(Box(LEFT + start, down + 2, COLUMN_WIDTH - start - 20, HAIRLINE, GREY))
    beside_name = max(9, ends[1] - 6)
    strip.seal_at = (LEFT + WIDTH - SEAL_SIZE, beside_name)
    strip.seal = Tag("Annot", both[1], alt=labels("seal_place"))
    strip.height = max(ends[0] + 80, beside_name + SEAL_SIZE + 4)
    return [section_heading(labels("signatures")), strip]


def verification(code: str, url: str, labels: Labels, *, text: str = "verify", number: str = "") -> list[Strip]:
    """Return the verification code, the QR code of `url`, and the label `text`: how to use them for this contract."""
    strip = Strip(QR_SIZE + 14, space=8, bookmark=labels("verification"))
    picture = Tag("Figure", alt=labels("qr_code", url=url))
    modules = [box._replace(tag=picture) for box in qr_boxes(url, LEFT, 12)]
    strip.boxes = [Box(LEFT, 0, WIDTH, HAIRLINE, RULE), *modules]
    x = LEFT + QR_SIZE + 16
    strip.texts.append(Text(x, 21, labels("verification"), LABEL_STYLE))
    strip.texts.append(Text(x, 37, code, Style(BOLD, 12, ACCENT)))
    tag_pair(strip, Tag("L"), 0)
    down = 53.0
    for line in labels.lines(text, url=url.partition("?")[0], number=number):
        wrapped = fonts.wrap(line, REGULAR, LABEL_SIZE, LEFT + WIDTH - x)
        with strip.tagged(Tag("P")):
            strip.add_lines(x, down, wrapped, NOTE_STYLE, LEADING - 2)
        down += (LEADING - 2) * len(wrapped) + 1
    strip.height = max(strip.height, down)
    return [strip]
