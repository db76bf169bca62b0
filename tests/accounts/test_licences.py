"""The scan that comes with a request: judged by its content, and given out as a download only (R11)."""

from io import BytesIO
from zlib import compress, crc32

import pytest
from PIL import Image

from accounts.certification.licence_scans import MAX_LICENCE_BYTES, MAX_PIXELS, detect_file_type, find_licence_fault
from accounts.models import CertificationRequest
from tests.billing.bookkeeping import PDF, REQUESTS, asked, client_of, holder_of, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R11")]


def picture(kind, size=(40, 30)) -> bytes:
    file = BytesIO()
    Image.new("1", size).convert("RGB").save(file, kind)
    return file.getvalue()


def photo(kind, **options) -> bytes:
    """A picture that compresses badly."""
    file = BytesIO()
    Image.effect_noise((160, 120), 80).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def png_that_claims(width, height) -> bytes:
    """A whole PNG whose header says that it is larger than it is."""
    content = bytearray(picture("PNG"))
    content[16:24] = width.to_bytes(4) + height.to_bytes(4)
    content[29:33] = crc32(content[12:29]).to_bytes(4)
    return bytes(content)


@pytest.mark.parametrize("content", [PDF, picture("PNG"), picture("JPEG")], ids=["pdf", "png", "jpg"])
def test_pdf_png_and_jpeg_are_taken(content):
    assert find_licence_fault(content) == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Attach a scan"),
        (b"MZ\x90\x00 a program", "not a PDF, PNG or JPEG"),
        (b"<html><script>alert(1)</script>", "not a PDF, PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PDF, PNG or JPEG"),
        (b"GIF89a" + bytes(40), "not a PDF, PNG or JPEG"),
        (b"PK\x03\x04" + PDF, "not a PDF, PNG or JPEG"),
        (b"%PDF-1.7 half of it", "damaged"),
        (picture("PNG")[:60], "damaged"),
        (picture("PNG").replace(b"IDAT", b"IDAX"), "damaged"),
        (picture("JPEG")[:60], "damaged"),
        (b"\xff\xd8\xff<script>", "damaged"),
        (b"%PDF-" + bytes(MAX_LICENCE_BYTES) + b"%%EOF", "larger than 5 MB"),
        (png_that_claims(MAX_PIXELS, 2), "too many pixels"),
    ],
    ids=[
        *("empty", "program", "html", "svg", "gif", "zip before pdf", "half a pdf", "half a png", "broken png"),
        *("half a jpeg", "script as jpeg", "too large", "too many pixels"),
    ],
)
def test_anything_else_is_refused_whatever_it_is_called(content, said):
    assert said in find_licence_fault(content)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_is_cut_off_anywhere_is_refused(progressive):
    content = photo("JPEG", progressive=progressive)
    assert find_licence_fault(content) == ""
    for length in range(3, len(content), 97):
        assert "damaged" in find_licence_fault(content[:length])
        assert "damaged" in find_licence_fault(content[:length] + bytes(len(content) - length))
    assert "damaged" in find_licence_fault(content[:-1])


def test_what_cameras_append_to_a_jpeg_does_no_harm():
    assert find_licence_fault(photo("JPEG") + b"trailer") == ""


def test_a_png_whose_pixels_break_off_is_refused_though_its_checksums_are_right():
    content = photo("PNG")
    start, length = content.index(b"IDAT"), int.from_bytes(content[content.index(b"IDAT") - 4 :][:4])
    data = content[start : start + 4 + length - 50]
    shorter = (length - 50).to_bytes(4) + data + crc32(data).to_bytes(4)
    assert find_licence_fault(content) == ""
    assert "damaged" in find_licence_fault(content[: start - 4] + shorter + content[start + 4 + length + 4 :])


def test_a_png_that_unpacks_to_far_more_than_its_pixels_is_refused():
    data = b"IDAT" + compress(bytes(4_000_000))
    content = picture("PNG")
    start, end = content.index(b"IDAT") - 4, content.index(b"IEND") - 4
    bomb = (len(data) - 4).to_bytes(4) + data + crc32(data).to_bytes(4)
    assert "damaged" in find_licence_fault(content[:start] + bomb + content[end:])


@pytest.mark.parametrize("before", [b"\r\n", b"\xef\xbb\xbf", b"HTTP header\r\n\r\n", bytes(1000)])
@pytest.mark.parametrize("behind", [b"", bytes(3000), b"\r\n \x1a"])
def test_a_pdf_is_taken_where_readers_take_it(before, behind):
    content = before + PDF + behind
    assert detect_file_type(content) == "pdf"
    assert find_licence_fault(content) == ""


@pytest.mark.parametrize("before", [b"MZ", b"\n<html>", b"\xef\xbb\xbf<script>", bytes(1024)])
def test_a_pdf_behind_something_else_is_refused(before):
    assert "not a PDF, PNG or JPEG" in find_licence_fault(before + PDF)


def test_a_file_of_just_5_mb_is_taken():
    assert find_licence_fault(b"%PDF-" + bytes(MAX_LICENCE_BYTES - 10) + b"%%EOF") == ""


def test_staff_get_it_as_a_download_that_no_browser_opens():
    request = asked()
    answer = client_of(somebody("Finance")).get(f"{REQUESTS}/{request.pk}/licence/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="licence-{request.pk}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer["Cache-Control"]


def test_nobody_else_gets_it():
    request = asked()
    address = f"{REQUESTS}/{request.pk}/licence/"
    assert holder_of("view_account").get(address).status_code == 403
    assert client_of(request.requested_by).get(address).status_code == 302  # to the sign-in of staff
    assert client_of(somebody("Finance")).get(f"{REQUESTS}/999/licence/").status_code == 404
    assert client_of(somebody("Finance")).get(f"{REQUESTS}/{10**30}/licence/").status_code == 404


def test_a_file_that_the_storage_lost_is_said_and_not_an_error(caplog):
    request = asked()
    CertificationRequest.objects.update(licence="licences/lost.pdf")
    answer = client_of(somebody("Finance")).get(f"{REQUESTS}/{request.pk}/licence/", follow=True)
    assert answer.status_code == 200
    assert "cannot be read from storage" in answer.text
    assert "licences/lost.pdf" in caplog.text
