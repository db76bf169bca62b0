"""The seal and the straddle seal on rendered contracts: they cover nothing that is printed, and can be read."""

from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from pyhanko.pdf_utils.reader import PdfFileReader

from contracts.pdf.contract import render_draft
from contracts.sealing import seal
from tests.contracts.pdf.reading import characters_of
from tests.contracts.pdf.samples import PARTY_A, PARTY_B, snapshot

pytestmark = pytest.mark.usefixtures("test_seal")

SCALE = 4
Box = tuple[float, float, float, float]


def sealed(count=1, **changes):
    contract = snapshot(count, **changes)
    return seal(render_draft(contract), number=contract.number, issuer_name=contract.party_b.name)


def stamps(pdf: bytes) -> list[tuple[int, str, Box]]:
    """Page, kind and place of all that sealing put on the pages, in points."""
    found = []
    for number, page in enumerate(PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Kids"], start=1):
        for note in page.get_object()["/Annots"]:
            annotation = note.get_object()
            left, bottom, right, top = (float(side) for side in annotation["/Rect"])
            found.append((number, str(annotation["/Subtype"]), (left, bottom, right, top)))
    return found


def picture(pdf: bytes, page: int, box: Box) -> Image.Image:
    """What is seen in a place of a page."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    whole = document[page - 1].render(scale=SCALE).to_pil().convert("RGB")
    left, bottom, right, top = (round(side * SCALE) for side in box)
    return whole.crop((left, whole.height - top, right, whole.height - bottom))


LONG = replace(PARTY_B, name="International Electronic Commerce and Cloud Services Holding Company " * 3)


@pytest.mark.parametrize("kind", ["order", "payment_request"])
@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
@pytest.mark.parametrize(("count", "issuer"), [(1, PARTY_B), (20, PARTY_B), (5, LONG)])
def test_neither_covers_anything_printed(kind, language, count, issuer):
    pdf = sealed(count, type=kind, language=language, party_b=issuer, party_a=replace(PARTY_A, name="云杉" * 60))
    characters = characters_of(pdf)
    places = stamps(pdf)
    assert {subtype for _, subtype, _ in places} == {"/Stamp", "/Widget"}
    for page, subtype, (left, bottom, right, top) in places:
        under = [
            each.text
            for each in characters
            if each.page == page
            and left < each.right
            and each.left < right
            and bottom < each.baseline + each.size * 0.7
            and each.baseline < top
        ]
        assert not under, (page, subtype)


@pytest.mark.parametrize("count", [3, 20])
def test_the_fanned_pages_show_the_whole_seal(count):
    pdf = sealed(count, language="both")
    slices = [(page, box) for page, subtype, box in stamps(pdf) if subtype == "/Stamp"]
    [(last, round_seal)] = [(page, box) for page, subtype, box in stamps(pdf) if subtype == "/Widget"]
    assert len(slices) == last >= 3
    assert all(right == pytest.approx(595.28, abs=0.01) for _, (_, _, right, _) in slices)
    assert len({(bottom, top) for _, (_, bottom, _, top) in slices}) == 1

    whole = picture(pdf, last, round_seal)

    def unlike(order: list[tuple[int, Box]]) -> float:
        parts = [picture(pdf, page, box) for page, box in order]
        fan = Image.new("RGB", (sum(part.width for part in parts), parts[0].height))
        x = 0
        for part in parts:
            fan.paste(part, (x, 0))
            x += part.width
        difference = ImageChops.difference(fan.resize(whole.size), whole).convert("L")
        return ImageStat.Stat(difference).mean[0]

    assert unlike(slices) < 8
    assert unlike(slices[::-1]) > 3 * unlike(slices)


def test_the_seal_can_be_read_from_a_black_and_white_print():
    pdf = sealed()
    [(page, box)] = [(page, box) for page, subtype, box in stamps(pdf) if subtype == "/Widget"]
    grey = ImageOps.grayscale(picture(pdf, page, box))
    ink = sum(grey.histogram()[:100]) / (grey.width * grey.height)
    assert 0.1 < ink < 0.4
    assert grey.histogram()[255] > grey.width * grey.height / 3
