"""Names with rare characters are printed as they are written, or refused naming the characters (R28)."""

from dataclasses import replace

import pytest

from contracts.pdf import fonts, render_draft
from contracts.pdf.fonts import missing_characters
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, run_poppler, squeezed
from tests.contracts.pdf.samples import PARTY_A, snapshot

pytestmark = [pytest.mark.rule("R28"), needs_poppler]
PRINTED = [
    "喆煜堃集团有限公司",
    "王頔",
    "翯翔航空服务有限公司",
    "朱镕基",
    "朤朤文化传媒有限公司",
    "燚鑫实业有限公司",
    "垚森淼焱建材有限公司",
    "犇羴鱻餐饮管理有限公司",
    "臺灣積體電路製造股份有限公司",
    "株式会社ひまわり",
    "邨頭﨑塚商店",
    "Công ty Đặng Văn",
    "Ørsted Wind A/S",
    "Straße & Söhne GmbH",
    "Société Générale",
    "ООО «Ромашка»",
]
REFUSED = {
    "䶮科技有限公司": "䶮",
    "李𬭎": "𬭎",
    "㙓山矿业有限公司": "㙓",
    "𡐓口信用社": "𡐓",
    "𠮷野家": "𠮷",
    "Zażółć Gęślą Sp. z o.o.": "żłćęśą",
    "Ελληνική Τράπεζα": "ήά",
    "삼성전자": "삼성전자",
    "བོད་": "བོད་",
    "شركة": "شركة",
}
SYSTEM = "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"


@pytest.mark.parametrize("name", PRINTED)
def test_a_name_is_printed_as_it_is_written(name, tmp_path):
    assert missing_characters(name) == ""
    pdf = render_draft(snapshot(party_a=replace(PARTY_A, name=name)))
    assert squeezed("".join(pages_of_text(pdf, tmp_path, "-raw"))).count(squeezed(name)) == 2
    assert " no " not in run_poppler("pdffonts", pdf, tmp_path)


@pytest.mark.parametrize(("name", "missing"), REFUSED.items())
def test_a_name_that_cannot_be_printed_is_refused_for_these_characters(name, missing):
    assert missing_characters(name) == missing


@pytest.mark.parametrize("name", ["Zażółć Gęślą Sp. z o.o.", "Ελληνική Τράπεζα"])
def test_a_fallback_font_prints_them(name, tmp_path, monkeypatch):
    """Noto Sans, of Debian's fonts-noto-core, which scripts/install_tools.sh installs."""
    if not fonts.Path(SYSTEM).is_file():
        pytest.skip(f"{SYSTEM} is not installed")
    monkeypatch.setattr(fonts, "_fallback", None)
    fonts.widths.cache_clear()
    fonts.use_fallback(fonts.Path(SYSTEM))
    try:
        assert missing_characters(name) == ""
        pdf = render_draft(snapshot(party_a=replace(PARTY_A, name=name)))
        assert squeezed("".join(pages_of_text(pdf, tmp_path, "-raw"))).count(squeezed(name)) == 2
        assert " no " not in run_poppler("pdffonts", pdf, tmp_path)
    finally:
        fonts.widths.cache_clear()
