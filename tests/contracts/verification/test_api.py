"""Verifying by API: no token, the verdict as promised, and problems with stable codes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.dateparse import parse_datetime

from contracts.documents.snapshots import printed_code
from contracts.services import apply_for_contract
from contracts.verification.codes import mask_name
from contracts.verification.uploads import MAX_UPLOAD_BYTES
from tests import factories
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


@pytest.mark.rule("R41")
def test_a_code_shows_what_the_holder_of_a_paper_compares(client, actor):
    yen = factories.PaidOrderFactory(account=actor.account, currency="JPY", list_amount=1000, payable_amount=1000)
    contract = apply_for_contract(type="order", order_numbers=[yen.number], by=actor)
    said = client.get(f"/api/v1/verify/{contract.verification_code}/").json()
    name = contract.party_a["name"]

    assert {key: said[key] for key in ("type", "total_amount", "currency", "order_count")} == {
        "type": "order",
        "total_amount": "1000",
        "currency": "JPY",
        "order_count": 1,
    }
    assert (said["party_a_masked"], said["party_b"]) == (f"{name[0]}***{name[-1]}", contract.party_b["name"])
    assert set(said) - {"type", "total_amount", "currency", "order_count", "party_a_masked", "party_b"} == {
        *("authentic", "status", "number", "sealed_at", "sha256", "findings"),
    }


@pytest.mark.rule("R41")
@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("李", "***"),
        ("李雷", "李***"),
        ("欧阳锋", "欧***锋"),
        ("Hemlock Logistics Ltd.", "H***."),
        ("𠮷野家", "𠮷***家"),
    ],
)
def test_names_of_one_or_two_characters_are_not_given_away(name, masked):
    assert mask_name(name) == masked


def test_an_unknown_code(client):
    answer = client.get("/api/v1/verify/ABCD-EFGH/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_token_that_is_wrong_or_right_makes_no_difference(client, api, official):
    wrong = client.get(f"/api/v1/verify/{official.verification_code}/", headers={"Authorization": "Token no"})
    right = api.get(f"verify/{official.verification_code}/")

    assert wrong.status_code == right.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"file": "text"},
        {"other": SimpleUploadedFile("a.pdf", b"%PDF-")},
        {"file": [SimpleUploadedFile("a.pdf", b"%PDF-"), SimpleUploadedFile("b.pdf", b"%PDF-")]},
        {"file": [SimpleUploadedFile("a.pdf", b"%PDF-"), "text"]},
    ],
)
def test_without_a_file_or_with_two(client, body):
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
