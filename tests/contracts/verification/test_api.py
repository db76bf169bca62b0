"""Verifying by API: no token, the verdict as promised, and problems with stable codes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.dateparse import parse_datetime

from contracts.documents.snapshots import printed_code
from contracts.verification.uploads import MAX_UPLOAD_BYTES
from tests.contracts.verification.conftest import file_of, with_white_box

pytestmark = pytest.mark.django_db


def ask(client, content: bytes, **headers: str):
    file = SimpleUploadedFile("contract.pdf", content, "application/pdf")
    return client.post("/api/v1/verify/", {"file": file}, headers=headers)


def test_a_file(client, official):
    content = file_of(official)
    answer = ask(client, content)
    said = answer.json()

    assert answer.status_code == 200
    assert set(said) == {"authentic", "status", "number", "sealed_at", "sha256", "findings"}
    assert (said["authentic"], said["status"], said["number"]) == (True, "official", official.number)
    assert parse_datetime(said["sealed_at"]) == official.official_at
    assert said["sha256"] == official.documents.get(kind="official").sha256
    assert [(set(one), one["code"]) for one in said["findings"]] == [({"code", "detail"}, "sealed")]


def test_a_true_draft_is_not_authentic(client, draft):
    said = ask(client, file_of(draft, "draft")).json()

    assert (said["authentic"], said["status"], said["sealed_at"]) == (False, "draft", None)
    assert [one["code"] for one in said["findings"]] == ["draft"]


def test_a_changed_file_tells_why(client, official):
    said = ask(client, with_white_box(file_of(official))).json()

    assert not said["authentic"]
    assert [one["code"] for one in said["findings"]] == ["appended"]


def test_a_code(client, official, draft):
    for code in (official.verification_code, printed_code(official.verification_code).lower()):
        said = client.get(f"/api/v1/verify/{code}/").json()
        assert (said["authentic"], said["status"], said["number"]) == (True, "official", official.number)
        assert said["sha256"] == official.documents.get(kind="official").sha256
    said = client.get(f"/api/v1/verify/{draft.verification_code}/").json()
    assert (said["authentic"], said["status"], said["sha256"]) == (False, "draft", "")


def test_an_unknown_code(client):
    answer = client.get("/api/v1/verify/ABCD-EFGH/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_token_that_is_wrong_or_right_makes_no_difference(client, api, official):
    wrong = client.get(f"/api/v1/verify/{official.verification_code}/", headers={"Authorization": "Token no"})
    right = api.get(f"verify/{official.verification_code}/")

    assert wrong.status_code == right.status_code == 200


@pytest.mark.parametrize("body", [{}, {"file": "text"}, {"other": SimpleUploadedFile("a.pdf", b"%PDF-")}])
def test_without_a_file(client, body):
    answer = client.post("/api/v1/verify/", body)
    (fault,) = answer.json()["errors"]

    assert (answer.status_code, answer.json()["code"], fault["pointer"]) == (400, "invalid", "/file")


@pytest.mark.parametrize("content_type", ["application/json", "application/pdf", "application/x-www-form-urlencoded"])
def test_another_content_type(client, content_type):
    answer = client.post("/api/v1/verify/", b"{}", content_type=content_type)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_broken_form(client):
    answer = client.post("/api/v1/verify/", b"--x", content_type="multipart/form-data")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_20_mb_are_taken_and_one_byte_more_is_not(client):
    most = b"%PDF-1.7".ljust(MAX_UPLOAD_BYTES, b" ")

    assert ask(client, most).json()["findings"][0]["code"] in ("unreadable", "too_complex")  # as fast as the machine is
    for more in (most + b" ", most + bytes(200_000)):
        answer = ask(client, more)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_nothing_of_the_file_is_kept_or_logged(client, official, files, caplog, tmp_path, settings, monkeypatch):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", pytest.fail)
    before = sorted(files.rglob("*"))
    secret = b"%PDF-1.7 the secret of the firm ".ljust(5_000_000, b" ")
    ask(client, secret)

    assert sorted(files.rglob("*")) == before
    assert list(tmp_path.iterdir()) == []
    assert "secret" not in caplog.text
