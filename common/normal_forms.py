"""The normal forms of texts and identifiers: what is kept, compared and searched. No Django here."""

import re
import unicodedata
from string import ascii_lowercase, ascii_uppercase

INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Characters that show nothing although they count as letters or marks (Unicode: Default_Ignorable_Code_Point)."""
PRESENTATION = re.compile("[\u2e80-\u2fdf\ufb00-\ufdff\ufe70-\ufefc]")
"""Kangxi radicals, ligatures and Arabic letter shapes: other codes of letters that exist, as copied from PDF files."""
NOT_COMPATIBILITY = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
"""All but the compatibility ideographs, which some names are written with and composing would replace."""
DASHES = re.compile("[\u02d7\u2010-\u2015\u2043\u2212\u2e3a\u2e3b]")
SEPARATORS = re.compile(r"[\s-]+")
UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)
"""ASCII alone: Unicode's upper case lengthens some letters, and databases differ in it."""


def normalise_text(text: str) -> str:
    """Return `text` as pages, documents and the API all show it; lines are kept, empty ones dropped.

    Control characters, bidirectional overrides, zero-width characters and variation selectors are removed, ligatures
    and radicals replaced by their letters, accents composed (NFC), and white space reduced to single spaces. Full-width
    forms stay: names are written with them.
    """
    if text.isprintable() and "  " not in text and _has_no_other_form(text):
        return text.strip()
    text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf"})
    text = PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found[0]), INVISIBLE.sub("", text))
    text = NOT_COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def normalise_line(text: str) -> str:
    """Return `text` in the form of `normalise_text`, on one line."""
    return normalise_text(text).replace("\n", " ")


def normalise_code(text: str) -> str:
    """Return a number as its issuer writes it: half-width (NFKC), with plain dashes and single spaces.

    Case, dashes and spaces are kept, because they tell two order numbers, references or telephone extensions apart.
    """
    text = unicodedata.normalize("NFKC", normalise_line(text))
    return normalise_line(DASHES.sub("-", text))


def normalise_identifier(text: str) -> str:
    """Return an identifier without what only helps reading: as `normalise_code`, upper case, no spaces or dashes.

    For credit codes, tax numbers, bank accounts, contract numbers and verification codes.
    """
    text = SEPARATORS.sub("", normalise_code(text)).translate(UPPER)
    return unicodedata.normalize("NFKC", text)


def _has_no_other_form(text: str) -> bool:
    if text.isascii():
        return True
    return unicodedata.is_normalized("NFC", text) and not PRESENTATION.search(text) and not INVISIBLE.search(text)
