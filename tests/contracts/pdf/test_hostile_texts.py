"""What customers and staff write is printed letter by letter, whatever it looks like; nothing in it does anything."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader

from common.normal_forms import normalise_text
from contracts.pdf import render_draft
from contracts.pdf.fonts import missing_characters
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, squeezed
from tests.contracts.pdf.samples import PARTY_A, PARTY_B, order_line, snapshot

TEXTS = [
    "<b>bold</b> and <i>italic</i>",
    "<b>never closed",
    '<img src="/etc/passwd" width="10"/>',
    '<a href="https://evil.example/">click</a>',
    '<link href="file:///etc/passwd">here</link>',
    "</para><para><font size='90'>large</font>",
    "<script>alert(document.cookie)</script>",
    "&lt;already escaped&gt; &amp; &#65;",
    "<!-- a comment -->",
    ") Tj ET BT (forged",
    "(unbalanced ((",
    "back\\slash \\) \\( \\n \\101",
    "%PDF-1.7 %%EOF endstream endobj",
    "<</S/JavaScript/JS(app.alert(1))>>",
    "{number} {total} {{ settings.SECRET_KEY }} {% debug %}",
    "%s %(name)s %d 100%",
    "'; DROP TABLE contracts_contract; --",
    "${jndi:ldap://evil.example/a} $(id) `id`",
    "W" * 300,
    "中" * 200,
]
INVISIBLE = {
    "right\u202eto left": "rightto left",
    "zero\u200bwidth\u200d": "zerowidth",
    "nul\x00and bell\x07": "nuland bell",
    "\ufeffmark": "mark",
    "e\u0301 composed": "é composed",
}
REFUSED = {"rocket \U0001f680": "\U0001f680", "half \ud83d": "\ud83d"}
ACTIONS = {
    "/URI",
    "/JS",
    "/JavaScript",
    "/Launch",
    "/GoToR",
    "/SubmitForm",
    "/OpenAction",
    "/AA",
    "/EmbeddedFiles",
}


def rendered(text: str) -> bytes:
    """A contract that says `text` wherever anybody may write."""
    said = dict.fromkeys(("name", "address", "contact", "phone", "email", "bank", "bank_account", "tax_number"), text)
    line = replace(order_line(), product_name=text, region=text, configuration=text)
    return render_draft(snapshot(lines=[line], party_a=replace(PARTY_A, **said), party_b=replace(PARTY_B, **said)))


def names_in(pdf: bytes) -> set[str]:
    """Every name of the file's objects: keys and values that begin with a slash."""
    reader = PdfFileReader(BytesIO(pdf))
    found: set[str] = set()
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) not in seen:
                seen.add((one.idnum, one.generation))
                waiting.append(one.get_object())
        else:
            found |= set(_names(one))
            waiting += _inside(one)
    return found


def _names(one: Any) -> Iterator[str]:
    if isinstance(one, DictionaryObject):
        yield from map(str, one)
    elif isinstance(one, str) and one.startswith("/"):
        yield str(one)


def _inside(one: Any) -> list[Any]:
    if isinstance(one, DictionaryObject):
        return [one.raw_get(key) for key in one]
    return [one.raw_get(i) for i in range(len(one))] if isinstance(one, ArrayObject) else []


@needs_poppler
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:20])
def test_it_is_printed_letter_by_letter_and_does_nothing(text, tmp_path):
    assert missing_characters(text) == ""
    pdf = rendered(text)
    printed = squeezed("".join(pages_of_text(pdf, tmp_path, "-raw")))
    assert printed.count(squeezed(text)) >= 16
    names = names_in(pdf)
    assert not ACTIONS & names
    assert "/Image" not in names


@needs_poppler
@pytest.mark.parametrize(("text", "printed"), INVISIBLE.items(), ids=ascii)
def test_what_cannot_be_seen_is_left_out(text, printed, tmp_path):
    assert normalise_text(text) == printed
    assert squeezed(printed) in squeezed("".join(pages_of_text(rendered(text), tmp_path, "-raw")))


@pytest.mark.rule("R28")
@pytest.mark.parametrize(("text", "missing"), REFUSED.items(), ids=ascii)
def test_what_cannot_be_printed_is_refused(text, missing):
    assert missing_characters(text) == missing
