"""Normalise texts and identifiers before they are stored, compared or searched. Does not use Django."""

import re
import unicodedata
from string import ascii_lowercase, ascii_uppercase

INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Invisible characters that Unicode counts as letters or marks (Default_Ignorable_Code_Point)."""
PRESENTATION = re.compile("[\u2e80-\u2fdf\ufb00-\ufdff\ufe70-\ufefc]")
"""Kangxi radicals, ligatures and Arabic presentation forms, often copied from PDF files in place of normal letters."""
NOT_COMPATIBILITY = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
"""All but the compatibility ideographs: some names use them, and NFC would replace them."""
DASHES = re.compile("[\u02d7\u2010-\u2015\u2043\u2212\u2e3a\u2e3b]")
SEPARATORS = re.compile(r"[\s-]+")
UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)
"""ASCII only: Unicode upper-casing lengthens some letters, and databases differ in it."""


def normalise_text(text: str) -> str:
    """Return `text` in the form that pages, documents and the API show. Keeps lines, drops empty ones.

    Removes control characters, bidirectional overrides, zero-width characters and variation selectors, replaces
    ligatures and radicals by their letters, composes accents (NFC) and collapses white space. Keeps full-width forms,
    because names use them.
    """
    if text.isprintable() and "  " not in text and _has_no_other_form(text):
        return text.strip()
    text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf"})
    text = PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found[0]), INVISIBLE.sub("", text))
    text = NOT_COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def normalise_line(text: str) -> str:
    """Return `text` normalised by `normalise_text`, on one line."""
    return normalise_text(text).replace("\n", " ")


def normalise_code(text: str) -> str:
    """Return a number as its issuer writes it: half-width (NFKC), with plain dashes and single spaces.

    Keeps case, dashes and spaces, because two order numbers, references or extensions may differ only in them.
    """
    text = unicodedata.normalize("NFKC", normalise_line(text))
    return normalise_line(DASHES.sub("-", text))


def normalise_identifier(text: str) -> str:
    """Return an identifier in upper case without spaces and dashes, otherwise as `normalise_code` does.

    Used for credit codes, tax numbers, bank accounts, contract numbers and verification codes.
    """
    text = SEPARATORS.sub("", normalise_code(text)).translate(UPPER)
    return unicodedata.normalize("NFKC", text)


def _has_no_other_form(text: str) -> bool:
    if text.isascii():
        return True
    return unicodedata.is_normalized("NFC", text) and not PRESENTATION.search(text) and not INVISIBLE.search(text)
