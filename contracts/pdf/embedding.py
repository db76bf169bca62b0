"""How the document's own fonts get into a file: as small as they can be, and quickly.

ReportLab embeds the whole of ASCII with each font, tables that no viewer reads, and reads glyph by glyph: on a contract
of one order that took half the time and 10 kB.
"""

import struct
from functools import cache
from itertools import accumulate

from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.ttfonts import SUBSETN, TTFont, TTFontMaker

LONGEST_SHORT_OFFSET = 2 * 0xFFFF
MOST_PAIRS = 100
"""In a block of a CMap (Adobe Technical Note 5014)."""


class CompactFont(TTFont):
    """A TrueType font without composite glyphs; what is embedded is the glyphs that a document uses."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path, shapable=False)
        self.face.makeSubset = self._program
        self._glyph = cache(self._outline_and_metrics)
        self._width = cache(lambda code: f"{self.face.getCharWidth(code) if code else 0:g}")

    def use_ascii(self, text: str, doc: pdfdoc.PDFDocument) -> None:
        """Say which ASCII characters the document prints: they have codes of their own, used or not."""
        used = set(map(ord, text))
        first = self.state[doc].subsets[0]
        first[:] = [code if code >= 0x80 or code in used else 0 for code in first]

    def addObjects(self, doc: pdfdoc.PDFDocument) -> None:  # noqa: N802 — ReportLab's name
        """As ReportLab does, with the widths written at once and not number by number."""
        state = self.state[doc]
        state.frozen = 1
        for number, subset in enumerate(state.subsets):
            name = self.getSubsetInternalName(number, doc)[1:]
            base = (SUBSETN(number) + b"+" + self.face.name).decode("ascii")
            to_unicode = pdfdoc.PDFStream(content=_to_unicode(base, subset))
            to_unicode.filters = [pdfdoc.PDFZCompress]
            font = pdfdoc.PDFTrueTypeFont()
            font.Name, font.BaseFont = name, base
            font.FirstChar, font.LastChar = 0, len(subset) - 1
            font.Widths = f"[ {' '.join(map(self._width, subset))} ]"
            font.ToUnicode = doc.Reference(to_unicode, f"toUnicodeCMap:{base}")
            font.FontDescriptor = self.face.addSubsetObjects(doc, base, subset)
            doc.Reference(font, name)
            doc.idToObject["BasicFonts"].dict[name] = font
        del self.state[doc]

    def _program(self, subset: list[int]) -> bytes:
        """The font program (ISO 32000-2, 9.9.1) of the characters, whose codes are their places in `subset`."""
        face = self.face
        glyph_of_code = [face.charToGlyph.get(code, 0) for code in subset]
        glyphs = list(dict.fromkeys([0, *glyph_of_code]))
        number_of = {glyph: number for number, glyph in enumerate(glyphs)}
        outlines, metrics = zip(*map(self._glyph, glyphs), strict=True)
        offsets = [0, *accumulate(map(len, outlines))]
        long_offsets = offsets[-1] > LONGEST_SHORT_OFFSET
        maker = TTFontMaker()
        maker.add("glyf", b"".join(outlines))
        if long_offsets:
            maker.add("loca", struct.pack(f">{len(offsets)}L", *offsets))
        else:
            maker.add("loca", struct.pack(f">{len(offsets)}H", *(offset // 2 for offset in offsets)))
        maker.add("hmtx", b"".join(metrics))
        maker.add("hhea", _with(face.get_table("hhea"), 34, len(glyphs)))
        maker.add("maxp", _with(face.get_table("maxp"), 4, len(glyphs)))
        maker.add("head", _with(face.get_table("head"), 50, int(long_offsets)))
        codes = [number_of[glyph] for glyph in glyph_of_code]
        table = [0, 1, 1, 0, 0, 12, 6, 10 + 2 * len(codes), 0, 0, len(codes), *codes]  # format 6, for Macintosh Roman
        maker.add("cmap", struct.pack(f">{len(table)}H", *table))
        return maker.makeStream()

    def _outline_and_metrics(self, glyph: int) -> tuple[bytes, bytes]:
        """The glyph's outline, at an even length, and its entry in the table of widths."""
        face = self.face
        start, ends = face.get_table_pos("glyf")[0], face.glyphPos
        outline = face._ttf_data[start + ends[glyph] : start + ends[glyph + 1]]
        return outline + b"\0" * (-len(outline) % 2), struct.pack(">2H", *map(int, face.hmetrics[glyph]))


def _to_unicode(name: str, subset: list[int]) -> str:
    """The CMap (ISO 32000-2, 9.10.3) by which text is copied and searched: of the codes in use, a hundred a block."""
    pairs = [f"<{code:02X}> <{character:04X}>" for code, character in enumerate(subset) if character]
    blocks = [pairs[start : start + MOST_PAIRS] for start in range(0, len(pairs), MOST_PAIRS)]
    mapped = "\n".join(f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        f"/CIDSystemInfo\n<< /Registry ({name})\n/Ordering ({name})\n/Supplement 0\n>> def\n"
        f"/CMapName /{name} def\n/CMapType 2 def\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n{mapped}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )


def _with(table: bytes, place: int, value: int) -> bytes:
    """The table with a 16 bit number in its place."""
    return table[:place] + struct.pack(">H", value) + table[place + 2 :]
