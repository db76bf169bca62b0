"""Build the two fonts of the contract documents from Noto Sans SC (SIL Open Font License 1.1).

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3 && tar xf expo-google-fonts-noto-sans-sc-0.4.3.tgz
    .venv/bin/python scripts/build_fonts.py package

Writes to contracts/pdf/font_files/: NotoSansSC-Regular.ttf (GBK and Latin: customers' text), NotoSansSC-Bold.ttf
(GB 2312 and Latin: the document's own headings) and OFL.txt. The results are committed; run this again only to change
what they cover.
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "contracts" / "pdf" / "font_files"

LATIN_AND_SYMBOLS = [
    (0x20, 0x7F),
    (0xA0, 0x250),  # Latin-1 and Latin Extended A and B
    (0x370, 0x460),  # Greek, Cyrillic
    (0x1E00, 0x1F00),  # Latin Extended Additional: Vietnamese
    (0x2000, 0x2070),  # general punctuation
    (0x20A0, 0x20C0),  # currency
    (0x2100, 0x2150),  # letter-like symbols
    (0x2190, 0x21A0),  # arrows
    (0x2200, 0x2300),  # mathematical operators
    (0x3000, 0x3040),  # CJK punctuation
    (0xFF00, 0xFFF0),  # full-width forms
]
# Every other table serves shaping, vertical setting or hinting, none of which a PDF's simple fonts use.
DROPPED_TABLES = ["GSUB", "GPOS", "GDEF", "vhea", "vmtx", "BASE", "VORG", "STAT", "DSIG"]


def characters_of(encoding: str) -> set[int]:
    """Code points of all two-byte characters of a Chinese encoding."""
    found = set()
    for high in range(0x81, 0xFF):
        for low in range(0x40, 0xFF):
            try:
                text = bytes([high, low]).decode(encoding)
            except UnicodeDecodeError:
                continue
            if len(text) == 1:
                found.add(ord(text))
    return found


def build(source: Path, target: Path, encoding: str) -> None:
    font = TTFont(source)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += DROPPED_TABLES
    subsetter = subset.Subsetter(options)
    latin = {code for first, end in LATIN_AND_SYMBOLS for code in range(first, end)}
    subsetter.populate(unicodes=characters_of(encoding) | latin)
    subsetter.subset(font)
    font["head"].modified = font["head"].created  # the same input gives the same file
    font.recalcTimestamp = False
    font.save(target)
    print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size:,} bytes")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    package = Path(sys.argv[1])
    build(package / "400Regular" / "NotoSansSC_400Regular.ttf", TARGET / "NotoSansSC-Regular.ttf", "gbk")
    build(package / "700Bold" / "NotoSansSC_700Bold.ttf", TARGET / "NotoSansSC-Bold.ttf", "gb2312")
    shutil.copyfile(package / "LICENSE_FONT", TARGET / "OFL.txt")


if __name__ == "__main__":
    main()
