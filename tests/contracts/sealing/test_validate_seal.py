"""validate_seal lets nothing through but this draft under our seal."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from contracts.sealing import SealUnavailable, validate_seal
from tests.contracts.sealing.conftest import make_authority, make_draft, seal

DRAFT = make_draft()
WHITE_BOX = b"q 1 1 1 rg 50 700 300 60 re f Q"


def refusal(sealed: bytes, draft: bytes = DRAFT) -> str:
    with pytest.raises(SealUnavailable) as refused:
        validate_seal(sealed, draft=draft)
    return refused.value.detail


def changed(sealed: bytes, change: Callable[[IncrementalPdfFileWriter], Any]) -> bytes:
    output = BytesIO(sealed)
    writer = IncrementalPdfFileWriter(output)
    change(writer)
    writer.write_in_place()
    return output.getvalue()


def test_the_sealed_draft_passes(test_seal):
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_another_draft(test_seal):
    sealed = seal(DRAFT)
    assert "does not begin with the draft" in refusal(sealed, make_draft(2))
    assert "does not begin with the draft" in refusal(sealed[1:])
    assert "does not begin with the draft" in refusal(DRAFT)


def test_a_white_box_over_the_page(test_seal):
    box = changed(seal(DRAFT), lambda writer: RawContent(WHITE_BOX).add_to_page(writer, 0))
    assert "does not cover the whole file" in refusal(box)


def test_a_white_annotation_over_the_page(test_seal):
    def cover(writer):
        page = writer.find_page_for_modification(0)[0].get_object()
        square = {"/Type": pdf_name("/Annot"), "/Subtype": pdf_name("/Square")}
        annotation = DictionaryObject({pdf_name(key): value for key, value in square.items()})
        annotation[pdf_name("/Rect")] = ArrayObject(NumberObject(value) for value in (50, 700, 350, 760))
        page["/Annots"].append(writer.add_object(annotation))
        writer.update_container(page["/Annots"])

    assert "does not cover the whole file" in refusal(changed(seal(DRAFT), cover))


@pytest.mark.parametrize("junk", [b"\n", b"junk", b"%%EOF\n"])
def test_something_appended(test_seal, junk):
    assert "failed validation" in refusal(seal(DRAFT) + junk)


def test_cut_off_or_not_sealed_at_all(test_seal):
    assert "failed validation" in refusal(seal(DRAFT)[:-200])
    assert "failed validation" in refusal(DRAFT + b"\n")


def test_a_byte_changed_behind_the_draft(test_seal):
    sealed = bytearray(seal(DRAFT))
    place = sealed.index(b"straddle") if b"straddle" in sealed else sealed.index(b"/Multiply")
    sealed[place + 3] ^= 1
    assert "failed validation" in refusal(bytes(sealed))


def test_a_seal_under_another_root_of_the_same_name(use_seal):
    use_seal(authority=make_authority("Real Root CA"))
    forged = seal(DRAFT)
    validate_seal(forged, draft=DRAFT)
    use_seal(authority=make_authority("Real Root CA"))
    assert "not issued under our seal's root" in refusal(forged)


def test_the_roots_of_timestamps_do_not_vouch_for_seals(use_seal):
    other = make_authority("Timestamp root")
    use_seal(authority=other)
    forged = seal(DRAFT)
    use_seal(other_roots=(other.certificate,))
    assert "not issued under our seal's root" in refusal(forged)
