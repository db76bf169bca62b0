"""The fonts in a file hold what the file prints, and no more."""

from io import BytesIO

import pytest
from fontTools.ttLib import TTFont
from pyhanko.pdf_utils.reader import PdfFileReader

from contracts.pdf import fonts, render_draft
from tests.contracts.pdf.reading import characters_of
from tests.contracts.pdf.samples import order_line, snapshot


def fonts_of(pdf: bytes) -> list[tuple[str, dict, TTFont]]:
    """Name, dictionary and program of every font in the file."""
    resources = PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Kids"][0].get_object()["/Resources"]
    found = []
    for name in resources["/Font"]:
        font = resources["/Font"][name].get_object()
        program = font["/FontDescriptor"]["/FontFile2"].get_object().data
        found.append((str(font["/BaseFont"]), font, TTFont(BytesIO(program))))
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_only_characters_that_are_printed_are_embedded(language):
    pdf = render_draft(snapshot(20, language=language))
    glyphs = sum(len(program.getGlyphOrder()) for _, _, program in fonts_of(pdf))
    printed = len({each.text for each in characters_of(pdf)})
    assert printed < glyphs < printed * 1.7  # some are printed in bold too; the DRAFT mark's are no page content


def test_programs_hold_glyphs_in_use_and_no_layout_tables():
    for name, font, program in fonts_of(render_draft(snapshot(20, language="both"))):
        assert "NotoSansSC-" in name
        tables = set(program.keys()) - {"GlyphOrder"}
        assert tables == {"head", "hhea", "maxp", "hmtx", "cmap", "loca", "glyf", "OS/2", "name", "post"}
        assert program["maxp"].numGlyphs == len(program["hmtx"].metrics)
        drawn = [glyph for glyph in program.getGlyphOrder()[1:] if program["glyf"][glyph].numberOfContours]
        assert len(drawn) >= len(program.getGlyphOrder()) - 2  # not the space
        assert len(font["/Widths"]) == font["/LastChar"] + 1


def test_widths_are_those_of_the_glyphs():
    for _, font, program in fonts_of(render_draft(snapshot(20, language="both"))):
        for code, glyph in program["cmap"].tables[0].cmap.items():
            assert program["hmtx"][glyph][0] == font["/Widths"][code]


def test_thousands_of_characters_and_the_most_intricate_ones_are_all_there():
    face = fonts.get_font(fonts.REGULAR).face
    sizes = {code: face.glyphPos[glyph + 1] - face.glyphPos[glyph] for code, glyph in face.charToGlyph.items()}
    intricate = sorted((code for code in sizes if 0x4E00 <= code < 0xA000), key=lambda code: -sizes[code])
    text = "".join(map(chr, intricate[:2500]))
    pdf = render_draft(snapshot(lines=[order_line(configuration=text)]))
    assert set(text) <= {each.text for each in characters_of(pdf)}
    assert {program["head"].indexToLocFormat for _, _, program in fonts_of(pdf)} == {0, 1}


@pytest.mark.exhaustive
def test_our_fonts_have_no_composite_glyphs():
    for name in (fonts.REGULAR, fonts.BOLD):
        glyphs = TTFont(fonts.FONT_FOLDER / f"{name}.ttf")["glyf"]
        assert not [glyph for glyph in glyphs.keys() if glyphs[glyph].isComposite()]  # noqa: SIM118
