"""Two foreign files are read at a time; whoever comes then is told to try again, and pages go on."""

import threading
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.verification.sandbox import Busy, Facts, helper
from tests.contracts.verification.conftest import codes, file_of
from tests.contracts.verification.inside import facts

pytestmark = pytest.mark.django_db
NO_PDF = b"%PDF-"


@pytest.fixture
def two_are_read(monkeypatch):
    """Two threads read a file each, until the block ends."""
    monkeypatch.setattr(helper, "SLOT_TIMEOUT_SECONDS", 0.01)

    @contextmanager
    def reading():
        begun, end = threading.Barrier(3), threading.Event()

        def read(*_given: object) -> Facts:
            begun.wait(timeout=30)
            end.wait(timeout=30)
            return Facts(count=2)

        with monkeypatch.context() as patch:
            patch.setattr(helper, "_facts_of", read)
            threads = [threading.Thread(target=facts, args=(NO_PDF,)) for _ in range(helper.MAX_CONCURRENT_READS)]
            for thread in threads:
                thread.start()
            begun.wait(timeout=30)
            try:
                yield
            finally:
                end.set()
                for thread in threads:
                    thread.join()

    return reading


def send(client, way: str):
    return client.post(way, {"file": SimpleUploadedFile("a.pdf", NO_PDF)})


def test_the_third_is_refused_and_the_next_one_is_read(two_are_read):
    with two_are_read(), pytest.raises(Busy):
        facts(NO_PDF)
    assert facts(NO_PDF).problem == "unreadable"


def test_page_and_api_say_when_to_try_again(client, two_are_read):
    with two_are_read():
        page, api = send(client, "/verify/"), send(client, "/api/v1/verify/")
        assert client.get("/verify/").status_code == 200
    assert [(answer.status_code, answer["Retry-After"]) for answer in (page, api)] == [(503, "5")] * 2
    assert "Too many files are being verified right now. Try again shortly." in page.text
    assert api.json()["code"] == "verifier_busy"


def test_our_own_documents_are_verified_meanwhile(official, two_are_read):
    content = file_of(official)
    with two_are_read():
        assert codes(content) == ["sealed"]


def test_a_reading_that_fails_makes_room_again(monkeypatch, two_are_read):
    def fail(*_given: object) -> Facts:
        raise OSError("no process")

    with monkeypatch.context() as patch:
        patch.setattr(helper, "_facts_of", fail)
        for _ in range(helper.MAX_CONCURRENT_READS + 1):
            with pytest.raises(OSError, match="no process"):
                facts(NO_PDF)
    assert facts(NO_PDF).problem == "unreadable"


def test_sixty_ordinary_files_a_minute_are_answered(client, official, clock):
    """Foreign ones, each read by the process."""
    content = file_of(official) + b"junk"
    answers = [
        client.post("/api/v1/verify/", {"file": SimpleUploadedFile("a.pdf", content)}).status_code for _ in range(60)
    ]
    assert answers == [200] * 60
