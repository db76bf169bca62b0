"""Outline, page labels and properties: what a viewer shows around the pages."""

from io import BytesIO

import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from contracts.pdf import render_draft
from tests.contracts.pdf.reading import needs_poppler, run_poppler, squeezed
from tests.contracts.pdf.samples import snapshot

ENGLISH = ["Parties", "Orders", "Remittance", "Valid period", "Terms", "Signatures", "Verification code"]
CHINESE = ["合同双方", "订单明细", "汇款信息", "有效期", "合同条款", "签署", "验证码"]
BOTH = [f"{chinese} {english}" for chinese, english in zip(CHINESE, ENGLISH, strict=True)]


@pytest.mark.parametrize(("language", "titles"), [("en", ENGLISH), ("zh-hans", CHINESE), ("both", BOTH)])
def test_the_outline_names_the_parts(language, titles):
    for kind in ("order", "payment_request"):
        document = pypdfium2.PdfDocument(render_draft(snapshot(20, type=kind, language=language)))
        expected = [title for title in titles if kind == "payment_request" or title != titles[2]]
        assert [entry.get_title() for entry in document.get_toc()] == expected


def test_the_outline_goes_to_where_the_parts_begin():
    document = pypdfium2.PdfDocument(render_draft(snapshot(60, type="payment_request")))
    pages = []
    for entry in list(document.get_toc())[1:]:
        place = entry.get_dest()
        page = document[place.get_index()]
        (_, top, _), _ = place.get_view()[1], None
        under = page.get_textpage().get_text_bounded(top=top, bottom=top - 30)
        assert squeezed(entry.get_title()) in squeezed(under)
        pages.append(place.get_index())
    assert pages == sorted(pages)
    assert pages[-1] == len(document) - 1


def test_pages_are_labelled_as_they_are_numbered():
    document = pypdfium2.PdfDocument(render_draft(snapshot(20)))
    assert [document.get_page_label(n) for n in range(len(document))] == [str(n + 1) for n in range(len(document))]
    assert "/PageLabels" in PdfFileReader(BytesIO(render_draft(snapshot()))).root


def test_a_viewer_shows_the_title_and_prints_at_full_size():
    preferences = PdfFileReader(BytesIO(render_draft(snapshot()))).root["/ViewerPreferences"]
    assert preferences["/DisplayDocTitle"]
    assert preferences["/PrintScaling"] == "/None"


@needs_poppler
@pytest.mark.parametrize(
    ("language", "title"), [("en", "Order Contract"), ("zh-hans", "订单合同"), ("both", "订单合同 Order Contract")]
)
def test_title_subject_author_and_language(language, title, tmp_path):
    pdf = render_draft(snapshot(language=language))
    about = dict(line.split(":", 1) for line in run_poppler("pdfinfo", pdf, tmp_path).splitlines())
    assert about["Title"].strip() == f"{title} EC7Q2M9XK4T8"
    assert about["Subject"].strip() == title
    assert about["Author"].strip() == "Fir & Oak Cloud (Shanghai) Co., Ltd. 上海杉橡云计算有限公司"
    assert PdfFileReader(BytesIO(pdf)).root["/Lang"] == ("en" if language == "en" else "zh-Hans")
