"""The official file: the draft's bytes, its content, and the seal on it."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from contracts.sealing import SealUnavailable, validate_seal
from contracts.sealing.art import SIZE
from tests.contracts.sealing.conftest import ISSUER, NUMBER, PLACE, make_draft, seal

needs_poppler = pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils (pdfsig, pdftotext) is missing")
pytestmark = pytest.mark.usefixtures("test_seal")


def annotation_names(pdf: bytes) -> list[list[str]]:
    pages = PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Kids"]
    return [[str(note.get_object().get("/NM", "")) for note in page.get_object().get("/Annots", ())] for page in pages]


def content_streams(pdf: bytes) -> list[bytes]:
    reader = PdfFileReader(BytesIO(pdf))
    streams = []
    for page in reader.root["/Pages"]["/Kids"]:
        contents = page.get_object()["/Contents"]
        parts = [contents] if hasattr(contents, "data") else [part.get_object() for part in contents]
        streams.append(b"".join(part.data for part in parts))
    return streams


def colour_at(pdf: bytes, page: int, x: float, y: float) -> tuple[int, ...]:
    """The RGB colour at a point of the page (points from the lower left corner)."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    image = document[page].render(scale=2).to_pil().convert("RGB")
    return image.getpixel((round(x * 2), round(image.height - y * 2)))


def is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 170 and colour[1] < 90 and colour[2] < 110


@pytest.mark.rule("R3")
@pytest.mark.parametrize("pages", [1, 2, 13])
def test_the_official_file_begins_with_the_draft_byte_for_byte(pages):
    draft = make_draft(pages)
    sealed = seal(draft)
    assert sealed[: len(draft)] == draft
    validate_seal(sealed, draft=draft)


@pytest.mark.rule("R3")
def test_page_content_is_untouched():
    draft = make_draft(3)
    assert content_streams(seal(draft)) == content_streams(draft)


@pytest.mark.rule("R3")
@needs_poppler
def test_both_read_the_same(tmp_path):
    texts = []
    for name, content in {"draft": make_draft(2), "official": seal(make_draft(2))}.items():
        (tmp_path / name).write_bytes(content)
        done = subprocess.run(["pdftotext", "-layout", tmp_path / name, "-"], capture_output=True, check=True)
        texts.append(done.stdout)
    assert "甲方应付" in texts[0].decode()
    assert texts[0] == texts[1]


@pytest.mark.rule("R3")
def test_draft_marks_and_seal_place_are_gone_and_the_seal_is_there():
    draft = make_draft(2)
    assert annotation_names(draft) == [["draft-mark-1"], ["draft-mark-2", "seal-place"]]
    sealed = seal(draft)
    assert annotation_names(sealed) == [["straddle-seal-1"], ["straddle-seal-2", ""]]
    assert colour_at(draft, 0, 300, 430) != (255, 255, 255)
    assert colour_at(sealed, 0, 300, 430) == (255, 255, 255)
    left, bottom, right, top = PLACE
    star = ((left + right) / 2, (bottom + top) / 2 + 5)
    assert not is_red(colour_at(draft, 1, *star))
    assert is_red(colour_at(sealed, 1, *star))
    assert is_red(colour_at(sealed, 1, left + 2, (bottom + top) / 2))


def test_other_annotations_stay():
    draft = make_draft(1).replace(b"(draft-mark-1)", b"(remark-mark1)")
    assert "remark-mark1" in annotation_names(seal(draft))[0]


def test_print_under_the_seal_stays_readable():
    sealed = seal(make_draft())
    _, bottom, right, top = PLACE
    assert colour_at(sealed, 0, right - 2, (bottom + top) / 2) == (0, 0, 0)


@pytest.mark.parametrize(("pages", "groups"), [(1, []), (2, [2]), (10, [10]), (11, [5, 6]), (23, [7, 8, 8])])
def test_straddle_seal_is_shared_by_at_most_ten_pages(pages, groups):
    sealed = seal(make_draft(pages))
    slices = [name for page in annotation_names(sealed) for name in page if name.startswith("straddle-seal")]
    assert slices == [f"straddle-seal-{page + 1}" for page in range(sum(groups))]
    expected = [(index * SIZE / group, SIZE / group) for group in groups for index in range(group)]
    found = [(left, right - left) for left, _, right, _ in straddle_boxes(sealed)]
    assert found == [pytest.approx(box, abs=0.01) for box in expected]


def straddle_boxes(pdf: bytes) -> list[list[float]]:
    boxes = []
    for page in PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Kids"]:
        for note in page.get_object()["/Annots"]:
            annotation = note.get_object()
            if str(annotation.get("/NM", "")).startswith("straddle-seal"):
                assert annotation["/F"] == 4 + 64 + 128 + 512
                boxes.append([float(value) for value in annotation["/AP"]["/N"]["/BBox"]])
    return boxes


def test_straddle_seal_shows_at_the_right_edge_and_stays_in_the_margin():
    sealed = seal(make_draft(3))
    document = pypdfium2.PdfDocument(sealed)
    document.init_forms()
    for page in document:
        image = page.render(scale=2).to_pil().convert("RGB")
        red = [
            x
            for x in range(image.width - 100, image.width)
            for y in range(image.height // 2 - 130, image.height // 2 + 130)
            if is_red(image.getpixel((x, y)))
        ]
        assert red
        assert min(red) >= image.width - 2 * 14 * 72 / 25.4 - 1


@needs_poppler
def test_pdfsig_calls_it_valid(tmp_path):
    file = tmp_path / "official.pdf"
    file.write_bytes(seal(make_draft(2)))
    report = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, check=True, text=True).stdout
    assert "Signature is Valid" in report
    assert "Total document signed" in report
    assert "ETSI.CAdES.detached" in report
    assert "SHA-256" in report


def test_it_is_one_certification_signature_that_allows_no_changes():
    reader = PdfFileReader(BytesIO(seal(make_draft())))
    (signature,) = reader.embedded_signatures
    assert signature.field_name == "ContractSeal"
    assert signature.docmdp_level == MDPPerm.NO_CHANGES
    assert reader.root["/Perms"]["/DocMDP"] == signature.sig_object
    assert signature.sig_object["/Reason"] == f"Contract {NUMBER}, sealed by {ISSUER}"
    assert reader.total_revisions == 2


def test_a_file_without_a_place_for_the_seal_is_refused():
    with pytest.raises(SealUnavailable, match="no place for the seal"):
        seal(make_draft(seal_place=False))
    with pytest.raises(SealUnavailable, match="no place for the seal"):
        seal(seal(make_draft()))
    with pytest.raises(SealUnavailable, match="could not be sealed"):
        seal(b"%PDF-1.4 rubbish")


def test_an_rsa_seal_works(use_seal):
    use_seal(key=rsa.generate_private_key(65537, 2048))
    draft = make_draft()
    validate_seal(seal(draft), draft=draft)


def test_threads_may_seal_at_the_same_time():
    drafts = [make_draft(pages) for pages in (1, 2, 3, 4)] * 3
    with ThreadPoolExecutor(6) as pool:
        for draft, sealed in zip(drafts, pool.map(seal, drafts), strict=True):
            validate_seal(sealed, draft=draft)
