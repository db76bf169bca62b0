"""The DRAFT mark and the seal's place are annotations, and nothing else of the file is."""

from dataclasses import replace

import pypdfium2
import pytest

from contracts.pdf import render_draft
from contracts.pdf.draft_mark import DRAFT_MARK, SEAL_PLACE
from tests.contracts.pdf.reading import annotations_of, needs_poppler, pages_of_text
from tests.contracts.pdf.samples import PARTY_B, snapshot

CASES = [(1, "en"), (20, "zh-hans"), (60, "both")]


def names_of(page):
    return [str(annotation["/NM"]) for annotation in page]


@pytest.mark.rule("R3")
@pytest.mark.parametrize(("count", "language"), CASES)
def test_each_page_is_marked_and_the_last_shows_the_seals_place(count, language):
    *others, last = annotations_of(render_draft(snapshot(count, language=language)))
    for number, page in enumerate(others, start=1):
        assert names_of(page) == [f"{DRAFT_MARK}-{number}"]
    assert names_of(last) == [f"{DRAFT_MARK}-{len(others) + 1}", SEAL_PLACE]


@pytest.mark.rule("R3")
def test_annotations_print_and_bring_their_own_resources():
    for page in annotations_of(render_draft(snapshot(20))):
        for annotation in page:
            assert annotation["/F"] & 4
            resources = annotation["/AP"]["/N"]["/Resources"]
            assert resources["/Font"]
            for name in resources["/Font"]:
                assert "/FontFile2" in resources["/Font"][name]["/FontDescriptor"]


def test_the_seals_place_is_a_square_of_42_mm_on_the_page():
    for name in (PARTY_B.name, PARTY_B.name * 5):
        contract = snapshot(3, party_b=replace(PARTY_B, name=name))
        [seal] = [each for each in annotations_of(render_draft(contract))[-1] if each["/NM"] == SEAL_PLACE]
        left, bottom, right, top = (float(side) for side in seal["/Rect"])
        assert right - left == pytest.approx(119, abs=0.1)
        assert top - bottom == pytest.approx(119, abs=0.1)
        assert 297 < left < right < 545
        assert 60 < bottom < top < 780


@pytest.mark.rule("R3")
@needs_poppler
@pytest.mark.parametrize(("count", "language"), CASES)
def test_the_mark_is_not_among_the_text(count, language, tmp_path):
    pdf = render_draft(snapshot(count, language=language))
    for options in ([], ["-raw"], ["-layout"]):
        text = "".join(pages_of_text(pdf, tmp_path, *options))
        assert "DRAFT" not in text
        assert "not sealed" not in text
        assert "Seal upon conversion" not in text
        assert "转正式合同时盖章" not in text


@pytest.mark.rule("R3")
def test_the_page_content_is_no_draft():
    document = pypdfium2.PdfDocument(render_draft(snapshot(20, language="both")))
    for page in document:
        assert "DRAFT" not in page.get_textpage().get_text_range()


def test_the_mark_is_seen_and_hides_nothing():
    document = pypdfium2.PdfDocument(render_draft(snapshot(20)))
    with_mark = document[0].render(may_draw_forms=False, draw_annots=True).to_pil().convert("L")
    without = document[0].render(may_draw_forms=False, draw_annots=False).to_pil().convert("L")
    pairs = list(zip(with_mark.tobytes(), without.tobytes(), strict=True))
    marked = [(after, before) for after, before in pairs if after != before]
    assert len(marked) > 10_000
    assert max(after - before for after, before in marked) <= 1  # never lighter: ink under the mark stays
