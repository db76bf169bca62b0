"""The parties of the contract, side by side."""

import re

from contracts.pdf import fonts
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels
from contracts.pdf.layout import COLUMN_WIDTH, HAIRLINE, LEFT, RULE, SECOND_COLUMN, Box, Strip, Text
from contracts.pdf.sections import (
    BODY_SIZE,
    HEADING_STYLE,
    LABEL_SIZE,
    LEADING,
    ROW_GAP,
    VALUE_STYLE,
    label_text,
)
from contracts.pdf.snapshot import ContractSnapshot, Party
from contracts.pdf.tags import Tag

DETAILS = ("address", "contact", "phone", "email", "bank", "bank_account", "tax_number")
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
"""Form of a unified social credit code (GB 32100-2015), which is the tax number of Chinese companies."""
VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z]{0,2}[0-9]{5,}[0-9A-Z]{0,3}")
"""A country's two letters, then its number, as in GB123456789 and ESX1234567X."""

MAX_LABEL_WIDTH = 92.0
"""Longer labels take several lines."""

Row = tuple[str, str]
"""A label, which is a key of TEXTS, and a value."""


def parties(snapshot: ContractSnapshot, labels: Labels) -> list[Strip]:
    """Return both parties side by side, each detail on one line. Details that neither party has are left out."""
    rows = [
        row
        for row in zip(_details(snapshot.party_a), _details(snapshot.party_b), strict=True)
        if any(value for _label, value in row)
    ]
    used = {label: _label_lines(labels(label)) for row in rows for label, value in row if value}
    indent = max(fonts.text_width(line, BOLD, LABEL_SIZE) for lines in used.values() for line in lines) + 10
    columns: list[list[Text]] = []
    pairs = []
    strip = Strip(0, space=14, bookmark=labels("parties"))
    for x, key in ((LEFT, "party_a"), (SECOND_COLUMN, "party_b")):
        party = Tag("Sect")
        columns.append([Text(x, 12, labels(key), HEADING_STYLE, tag=Tag("H2", party))])
        pairs.append(Tag("L", party))
        strip.boxes.append(Box(x, 18, COLUMN_WIDTH, HAIRLINE, RULE))
    down = 20 + LEADING
    for row in rows:
        values = [fonts.wrap(value, REGULAR, BODY_SIZE, COLUMN_WIDTH - indent) for _label, value in row]
        places = zip((LEFT, SECOND_COLUMN), columns, pairs, row, values, strict=True)
        for x, texts, of_party, (label, _value), lines in places:
            if lines:
                detail = Tag("LI", of_party)
                name, value = Tag("Lbl", detail), Tag("LBody", detail)
                texts += [
                    label_text(x, down + LEADING * n, line)._replace(tag=name) for n, line in enumerate(used[label])
                ]
                texts += [
                    Text(x + indent, down + LEADING * n, line, VALUE_STYLE, tag=value) for n, line in enumerate(lines)
                ]
        labels_of_row = (used[label] for label, value in row if value)
        down += LEADING * max(map(len, [*values, *labels_of_row])) + ROW_GAP
    strip.texts = [*columns[0], *columns[1]]
    strip.height = down - LEADING + 3
    return [strip]


def _details(party: Party) -> list[Row]:
    """Return all details of a party. The verified credit code is printed once if it is the tax number too."""
    verified = "" if party.credit_code == party.tax_number else party.credit_code
    rows = [("name", party.name), ("credit_code", verified), ("legal_representative", party.legal_representative)]
    rows += [(name, getattr(party, name)) for name in DETAILS[:-1]]
    return [*rows, (_tax_label(party.tax_number), party.tax_number)]


def _label_lines(label: str) -> list[str]:
    return fonts.wrap(label, BOLD, LABEL_SIZE, MAX_LABEL_WIDTH)


def _tax_label(number: str) -> str:
    compact = "".join(number.split())
    if CREDIT_CODE.fullmatch(compact):
        return "credit_code"
    return "vat_id" if VAT_ID.fullmatch(compact) else "tax_number"
