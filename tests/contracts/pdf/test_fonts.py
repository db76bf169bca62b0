"""Fonts, measuring and line breaking."""

from dataclasses import replace

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from hypothesis import given
from hypothesis import strategies as st

from contracts.pdf import fonts, render_draft
from contracts.pdf.clauses import PREVAILING
from contracts.pdf.fonts import BOLD, REGULAR, missing_characters, text_width, wrap
from contracts.pdf.labels import TEXTS, Labels
from contracts.types import TYPES
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, run_poppler, squeezed
from tests.contracts.pdf.samples import PARTY_A, order_line, snapshot, texts_of_types

PRINTABLE = st.text(st.sampled_from("abc XYZ 0123-/_,.;:()（）《》“”，。；云杉数据合同é–"), max_size=120)


@needs_poppler
@pytest.mark.parametrize("kind", ["order", "payment_request"])
@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_all_fonts_are_embedded(kind, language, tmp_path):
    pdf = render_draft(snapshot(3, type=kind, language=language))
    fonts_listed = run_poppler("pdffonts", pdf, tmp_path).splitlines()[2:]
    assert fonts_listed
    for row in fonts_listed:
        name, form, _, embedded, subset, to_unicode = row.split()[:6]
        assert "NotoSansSC-" in name
        assert (form, embedded, subset, to_unicode) == ("TrueType", "yes", "yes", "yes")


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("北京云杉数据技术有限公司 Fir & Oak €100 ½ Ångström Ελλας Москва Việt Nam", ""),
        ("𠮷野家", "𠮷"),
        ("㛃", "㛃"),
        ("great 😀 work 🅰😀", "😀🅰"),
        ("שלום 한국", "שלום한국"),
        ("e\u0301te\u0301", ""),  # composed before it is printed
        ("line\nbreak\ttab\u3000wide\u200bzero\u202eoverride\x00", ""),  # normalised away
        ("", ""),
    ],
)
def test_characters_that_the_fonts_lack(text, missing):
    assert missing_characters(text) == missing


@pytest.mark.rule("R28")
@needs_poppler
def test_what_passes_the_check_is_printed(tmp_path):
    names = "龑喆镕䶮"
    assert missing_characters(names) == "䶮"
    pdf = render_draft(snapshot(lines=[order_line(configuration="龑喆镕 Việt Москва ½€")]))
    assert "龑喆镕 Việt Москва ½€" in "".join(pages_of_text(pdf, tmp_path, "-raw"))


@pytest.mark.rule("R28")
def test_our_own_texts_can_be_printed_in_bold_and_regular():
    ours = [text for pair in TEXTS.values() for text in pair]
    ours += texts_of_types(Labels("both"))
    ours += [part for type_ in TYPES.values() for clause in type_.clauses for part in clause[:-1]]
    ours += PREVAILING
    known = fonts.get_font(BOLD).face.charToGlyph
    assert not {character for text in ours for character in text if ord(character) not in known}
    assert missing_characters("".join(ours)) == ""


@pytest.fixture
def fallback(tmp_path, monkeypatch):
    """A font with the same name as ours that has a character beyond the basic plane."""
    small = TTFont(fonts.FONT_FOLDER / f"{REGULAR}.ttf")
    subsetter = subset.Subsetter()
    subsetter.populate(text="吉")
    subsetter.subset(small)
    [table] = [each for each in small["cmap"].tables if each.format == 4 and each.platformID == 3]
    beyond = CmapSubtable.newSubtable(12)
    beyond.platformID, beyond.platEncID, beyond.language = 3, 10, 0
    beyond.cmap = {ord("𠮷"): table.cmap[ord("吉")]}
    small["cmap"].tables.append(beyond)
    small.save(tmp_path / "fallback.ttf")
    monkeypatch.setattr(fonts, "_fallback", None)
    fonts.widths.cache_clear()
    fonts.use_fallback(tmp_path / "fallback.ttf")
    yield
    fonts.widths.cache_clear()


@pytest.mark.rule("R28")
@needs_poppler
def test_a_fallback_font_prints_what_the_others_lack(fallback, tmp_path):
    assert missing_characters("𠮷野家😀") == "😀"
    pdf = render_draft(snapshot(party_a=replace(PARTY_A, name="𠮷野家有限公司")))
    text = "".join(pages_of_text(pdf, tmp_path, "-raw"))
    assert text.count("𠮷野家有限公司") == 2
    listed = run_poppler("pdffonts", pdf, tmp_path)
    assert "Fallback-" in listed
    assert " no " not in listed


def test_no_line_begins_with_closing_or_ends_with_opening_punctuation():
    text = "甲方（北京云杉数据技术有限公司）通过控制台，订购“服务”；并《合同》约定：付款。"
    for width in range(30, 200, 7):
        lines = wrap(text, REGULAR, 10, width)
        assert "".join(lines) == text
        assert not [line for line in lines if line[0] in "）”；》：。，" or line[-1] in "（“《"]


def test_words_stay_whole_unless_longer_than_a_line():
    assert wrap("Hello world again", REGULAR, 10, 62) == ["Hello world", "again"]
    sku = "SKU2KRSTFABXH77P2FQ" * 5
    lines = wrap(sku, REGULAR, 10, 80)
    assert "".join(lines) == sku
    assert len(lines) > 5


@given(PRINTABLE, st.floats(min_value=12, max_value=400))
def test_wrapped_lines_fit_and_lose_nothing(text, width):
    lines = wrap(text, REGULAR, 8, width)
    assert squeezed("".join(lines)) == squeezed(text)
    assert all(text_width(line, REGULAR, 8) <= width + 0.1 for line in lines)
    assert all(lines)


def test_party_names_are_printable():
    assert missing_characters(PARTY_A.name) == ""
