"""A ZIP archive is unpacked one level deep, in the sandbox and within limits; a PDF may begin anywhere, once."""

import struct
import time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from contracts.verification.file_verdict import verdict_of_file
from tests.contracts.verification.conftest import codes, codes_of, file_of

pytestmark = pytest.mark.django_db
MB = 1024 * 1024


def zipped(*files: bytes) -> bytes:
    output = BytesIO()
    with ZipFile(output, "w", ZIP_DEFLATED) as archive:
        for number, content in enumerate(files):
            archive.writestr(f"{number}.pdf", content)
    return output.getvalue()


def test_a_sealed_document_alone_in_an_archive_is_named(official):
    verdict = verdict_of_file(zipped(file_of(official)))

    assert (verdict.authentic, codes_of(verdict), verdict.number) == (False, ["in_archive"], official.number)


def test_no_other_archive_is_called_ours(official):
    sealed = file_of(official)
    one = zipped(sealed)
    others = (
        zipped(),
        zipped(sealed, sealed),
        zipped(one),
        zipped(file_of(official, "draft")),
        zipped(sealed[:-1]),
        one[:-30],
        one[:-1],
        b"PK\x03\x04",
    )
    assert {code for content in others for code in codes(content)} == {"not_pdf"}


def bomb() -> bytes:
    return zipped(bytes(512 * MB))


def bomb_that_claims_to_be_small() -> bytes:
    content = bytearray(bomb())
    central = content.rindex(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<I", MB)
    return bytes(content)


def archive_of_many() -> bytes:
    """An archive with as many entries as fit."""
    entry = b"PK\x01\x02" + bytes(42)
    count = 19 * MB // len(entry)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, count * len(entry), 4, 0)
    return b"PK\x03\x04" + entry * count + end


@pytest.mark.parametrize("make", [bomb, bomb_that_claims_to_be_small, archive_of_many])
def test_an_archive_that_is_made_to_do_harm_takes_seconds(make):
    content, begun = make(), time.monotonic()

    assert codes(content) in (["not_pdf"], ["too_complex"])
    assert time.monotonic() - begun < 10


def test_what_is_before_a_sealed_document_is_a_finding_wherever_it_begins(official):
    sealed = file_of(official)
    for before in (b"x", b"\n" * 2000, b"%PDF-1.4 "[:4]):
        verdict = verdict_of_file(before + sealed)
        assert (codes_of(verdict), verdict.number) == (["prefixed"], official.number)
    assert codes(b"x" + file_of(official, "draft")) != ["prefixed"]
    assert codes(b"x%PDF-1.4 " + sealed) == ["prefixed"]  # a second header
    assert codes(b"x" + b"%PDF-1.4 " * 5 + sealed) != ["prefixed"]  # only a few are tried
