"""The scan is drawn beside the facts of a certification decision, by a process that can do nothing else (R11)."""

from io import BytesIO

import pytest
from PIL import Image
from reportlab.pdfgen import canvas

from accounts.certification.requests import reject_certification
from accounts.models import CertificationRequest, SecurityEvent
from common import untrusted_pictures
from tests.accounts.test_licences import picture
from tests.billing.bookkeeping import REQUESTS, asked, client_of, decider, holder_of, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R11")]


def of(content: bytes, name: str = "licence.pdf") -> CertificationRequest:
    request = asked()
    with request.licence.storage.open(request.licence.name, "wb") as file:
        file.write(content)
    return request


def address(request, query: str = "") -> str:
    return f"{REQUESTS}/{request.pk}/licence/picture/{query}"


def pdf(pages: int = 2) -> bytes:
    file = BytesIO()
    drawn = canvas.Canvas(file, pagesize=(300, 400))
    for number in range(pages):
        drawn.setFillColorRGB(1, 0, 0) if number == 0 else drawn.setFillColorRGB(0, 0, 1)
        drawn.rect(0, 0, 300, 400, fill=1)
        drawn.showPage()
    drawn.save()
    return file.getvalue()


def drawn(answer) -> Image.Image:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    return Image.open(BytesIO(answer.content))


@pytest.fixture
def finance():
    return client_of(somebody("Finance"))


def test_the_first_page_of_a_pdf_is_drawn(finance):
    request = of(pdf())
    image = drawn(finance.get(address(request)))
    assert image.width in (1240, 1241)  # rounded up
    assert image.getpixel((600, 800))[0] > 200 > image.getpixel((600, 800))[2]
    assert drawn(finance.get(address(request, "?size=large"))).width in (2480, 2481)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_are_drawn_anew_and_not_enlarged(finance, kind):
    content = picture(kind, (60, 40))
    answer = finance.get(address(of(content)))
    assert drawn(answer).size == (60, 40)
    assert content not in answer.content


def test_a_photo_is_turned_as_the_camera_says(finance):
    file, turned = BytesIO(), Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (60, 40)).save(file, "JPEG", exif=turned)
    assert drawn(finance.get(address(of(file.getvalue())))).size == (40, 60)


def test_browsers_keep_and_run_nothing_of_it(finance):
    answer = finance.get(address(of(pdf())))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("content", [b"%PDF-1.7 a scan\n%%EOF", b"%PDF-" + bytes(1000) + b"%%EOF", b"nothing", b""])
def test_a_file_that_cannot_be_drawn_is_said(finance, content):
    answer = finance.get(address(of(content)))
    assert (answer.status_code, answer.text) == (400, "The file cannot be shown. Download it.")
    assert not SecurityEvent.objects.filter(kind="scan_read").exists()


def test_a_process_that_takes_too_long_is_ended(finance, monkeypatch):
    monkeypatch.setattr(untrusted_pictures, "START_CODE", "import time; time.sleep(60)")
    monkeypatch.setattr(untrusted_pictures, "WALL_SECONDS", -4.5)
    assert finance.get(address(of(pdf()))).status_code == 400


def test_others_wait_while_many_are_drawn(finance, monkeypatch):
    monkeypatch.setattr(untrusted_pictures, "SLOT_TIMEOUT_SECONDS", 0.01)
    request = of(pdf())
    for _ in range(untrusted_pictures.MAX_CONCURRENT_DRAWINGS):
        assert untrusted_pictures._slots.acquire()
    try:
        assert finance.get(address(request)).status_code == 429
    finally:
        for _ in range(untrusted_pictures.MAX_CONCURRENT_DRAWINGS):
            untrusted_pictures._slots.release()
    assert finance.get(address(request)).status_code == 200


def test_the_process_sees_no_secret_and_no_file(monkeypatch, tmp_path):
    """It inherits no environment, and Landlock, where there is one, denies it our data."""
    monkeypatch.setenv("SECRET_KEY", "of-the-server")
    started = "import os, sys; sys.stdout.buffer.write(b'\\xff\\xd8\\xff' + repr(sorted(os.environ)).encode())"
    monkeypatch.setattr(untrusted_pictures, "START_CODE", started)
    assert b"SECRET_KEY" not in untrusted_pictures.draw_picture(b"", width=1)


def test_it_is_shown_beside_the_facts_where_it_is_decided(finance):
    request = of(pdf())
    for page in ("change", "approve", "reject"):
        text = finance.get(f"{REQUESTS}/{request.pk}/{page}/").text
        assert f'src="{address(request)}"' in text, page
        assert f'href="{address(request, "?size=large")}"' in text
        assert f'href="{REQUESTS}/{request.pk}/licence/"' in text
        assert "First page of the PDF" in text


def test_it_is_no_longer_shown_once_decided(finance):
    request = of(pdf())
    reject_certification(request=request, note="No", by=decider())
    text = finance.get(f"{REQUESTS}/{request.pk}/change/").text
    assert address(request) not in text
    assert f"{REQUESTS}/{request.pk}/licence/" in text


def test_each_reading_is_in_the_security_log():
    user, request = somebody("Finance"), of(pdf())
    client_of(user).get(address(request))
    event = SecurityEvent.objects.get(kind="scan_read")
    assert (event.user, event.detail) == (user, f"certification request {request.pk}")


@pytest.mark.rule("R45")
def test_nobody_else_sees_it(finance):
    request = of(pdf())
    for role in ("Auditor", "Legal"):
        client = client_of(somebody(role))
        assert client.get(address(request)).status_code == 403
        assert address(request) not in client.get(f"{REQUESTS}/{request.pk}/change/").text
    assert holder_of("decide_certificationrequest").get(address(request)).status_code == 403
    assert client_of(request.requested_by).get(address(request)).status_code == 302
    own = somebody("Finance")
    CertificationRequest.objects.update(requested_by=own)
    assert client_of(own).get(address(request)).status_code == 403
    for page in ("change", "approve"):
        assert address(request) not in client_of(own).get(f"{REQUESTS}/{request.pk}/{page}/").text
    assert finance.get(f"{REQUESTS}/999/licence/picture/").status_code == 404
    assert not SecurityEvent.objects.filter(kind="scan_read").exists()


def test_a_deleted_scan_is_said(finance):
    request = asked()
    CertificationRequest.objects.update(licence="")
    assert finance.get(address(request)).status_code == 404
    assert "has been deleted" in finance.get(f"{REQUESTS}/{request.pk}/approve/").text
