"""Verifying on the page: anybody may, and learns the public facts and nothing else (R21)."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contracts.documents.snapshots import printed_code
from contracts.models import ContractDocument
from contracts.verification.uploads import MAX_UPLOAD_BYTES
from tests import factories
from tests.contracts.pages.browser import SIZES, browsing, needs_chromium
from tests.contracts.pages.test_accessibility import serious
from tests.contracts.verification.conftest import file_of


def facts(client, code: str) -> str:
    return client.get("/verify/", {"code": code}).text


def test_an_official_contract_is_confirmed_without_signing_in(client, official):
    text = facts(client, official.verification_code)

    assert "This is an official contract in force" in text
    assert official.number in text
    assert "Active official contract" in text
    assert official.documents.get(kind=ContractDocument.Kind.OFFICIAL).sha256 in text


def test_dashes_spaces_and_case_do_not_matter(client, official):
    code = printed_code(official.verification_code)

    assert official.number in facts(client, f"  {code.lower().replace('-', ' ')} ")
    assert official.number in facts(client, code)


@pytest.mark.rule("R41")
def test_a_code_shows_what_the_holder_of_a_paper_compares_and_nothing_else(client, official, clock):
    text = facts(client, official.verification_code)
    name = official.party_a["name"]

    for shown in ("Order contract", "CNY 1,080.50", f"{name[0]}***{name[-1]}", official.party_b["name"], "(UTC+8)"):
        assert shown in text
    assert re.search(r"Number of orders</dt><dd>1</dd>", text)
    for secret in (*official.order_numbers, name, official.party_a["email"], official.party_a["account_number"]):
        assert secret not in text


def test_a_draft_is_called_a_draft_and_has_no_sealed_document(client, draft):
    text = facts(client, draft().verification_code)

    assert "This is a draft, not an official contract" in text
    assert not re.search(r"\b[0-9a-f]{64}\b", text)


@pytest.mark.rule("R21")
def test_a_contract_past_its_time_is_no_longer_valid_before_the_clock_has_run(client, draft, clock):
    contract = draft("payment_request")
    clock.shift(timedelta(days=8))

    assert "This contract is no longer valid" in facts(client, contract.verification_code)


def test_a_voided_contract_is_called_so(client, voided):
    assert "This contract was voided" in facts(client, voided.verification_code)


@pytest.mark.parametrize("code", ["ABCD-EFGH", "", "%"])
@pytest.mark.django_db
def test_an_unknown_code_is_answered_clearly(client, code):
    text = facts(client, code)

    assert ("No contract has this code" in text) == bool(code.strip())
    assert "This is" not in text


def send(client, content: bytes, **form: str):
    return client.post("/verify/", {"file": SimpleUploadedFile("contract.pdf", content), **form})


def test_a_file_is_confirmed_without_signing_in_and_nothing_else_is_told(client, official):
    text = send(client, file_of(official)).text

    assert "Authentic, and the contract is in force" in text
    assert "unchanged since" in text
    assert official.number in text
    assert official.documents.get(kind=ContractDocument.Kind.OFFICIAL).sha256 in text
    assert f"Sealed by {official.party_b['name']} on" in text
    for secret in (*official.order_numbers, official.party_a["name"], official.party_a["email"], "1,080.50", "***"):
        assert secret not in text


@pytest.mark.django_db
def test_the_issuer_is_named_and_before_there_is_one_a_neutral_word(client):
    assert "is from the issuer and unchanged" in client.get("/verify/").text
    factories.IssuerFactory(name="Cloud <Sea> & Co.")
    for page in (client.get("/verify/"), client.get("/verify/", {"code": "ABCD"})):
        assert "from Cloud &lt;Sea&gt; &amp; Co." in page.text
        assert "our document" not in page.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("合同 2026.pdf", "合同 2026.pdf"),
        ("<b>.pdf", "&lt;b&gt;.pdf"),
        ("fdp.\u202efdp.exe\u2066", "fdp.fdp.exe"),
        ("a\n  b.pdf", "a b.pdf"),
        (f"{'long' * 60}.pdf", f"{'long' * 12}…onglonglong.pdf"),
    ],
)
def test_the_name_of_the_file_is_shown_escaped_on_one_line_and_short(client, name, shown):
    answer = client.post("/verify/", {"file": SimpleUploadedFile(name, b"no document")})

    assert f'<dd class="file-name"><bdi>{shown}</bdi></dd>' in answer.text


def test_a_file_with_an_addition_is_not_called_active(client, official):
    text = send(client, file_of(official) + b"more").text

    assert "Not authentic: it was changed after sealing" in text
    assert "status-official" not in text


@pytest.mark.rule("R26")
def test_a_file_that_names_another_contract_tells_nothing_of_that(client, official, draft):
    """A number is public knowledge of its holders alone: writing it into a file proves nothing."""
    other = draft()
    for content in (
        b"%PDF-1.7 " + official.number.encode(),
        file_of(other, "draft").replace(other.number.encode(), official.number.encode()),
        b"%PDF-1.7\n%" + official.verification_code.encode(),
    ):
        text = send(client, content).text
        assert official.number not in text
        assert official.verification_code not in text


def test_without_a_file_or_with_too_large_a_one_the_page_says_so(client, db):
    none = client.post("/verify/", {})
    two = client.post("/verify/", {"file": [SimpleUploadedFile("a.pdf", b"%PDF-"), SimpleUploadedFile("b.pdf", b"x")]})
    large = send(client, b"%PDF-1.7".ljust(MAX_UPLOAD_BYTES + 1, b" "))

    assert (none.status_code, two.status_code, large.status_code) == (400, 400, 413)
    assert "Choose the file to verify." in none.text
    assert "Send one file at a time." in two.text
    assert "larger than 20 MB" in large.text


def test_a_file_is_taken_from_our_own_form_alone(official):
    answer = send(Client(enforce_csrf_checks=True), file_of(official))

    assert answer.status_code == 403


def test_the_root_certificate_is_for_everybody(client, db, settings):
    answer = client.get("/verify/root.pem")

    assert answer["Content-Type"] == "application/x-pem-file"
    assert answer.content.startswith(b"-----BEGIN CERTIFICATE-----")
    assert b"PRIVATE" not in answer.content


def test_in_chinese(client, official):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"

    assert "正式合同生效中" in facts(client, official.verification_code)


@pytest.mark.exhaustive
@needs_chromium
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("size", SIZES)
def test_in_a_browser(official, live_server, tmp_path, size, scripts, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    whole, wrong = tmp_path / "contract.pdf", tmp_path / "note.txt"
    whole.write_bytes(file_of(official))
    wrong.write_text("hello")
    with browsing(live_server.url, size, scripts=scripts) as page:
        page.goto("/verify/")
        for file, answer in (
            (whole, "Authentic, and the contract is in force"),
            (wrong, "This file cannot be verified"),
        ):
            page.set_input_files("#file", file)
            page.get_by_role("button", name="Verify the file").click()
            page.get_by_role("heading", name=answer).wait_for()
            page.wait_for_load_state("load")  # a page still without its styles is as wide as its text
            assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        page.fill("#code", printed_code(official.verification_code))
        page.get_by_role("button", name="Verify the code").click()
        page.get_by_role("heading", name="This is an official contract in force").wait_for()
        page.locator("summary").last.click()
        assert page.get_by_text("sha256sum document.pdf").is_visible()


@pytest.mark.exhaustive
@needs_chromium
@pytest.mark.django_db(transaction=True)
def test_the_browser_says_that_a_file_is_too_large_before_it_sends_it_and_shows_our_answer_if_it_does(
    live_server, tmp_path, monkeypatch
):
    large = tmp_path / "large.pdf"
    large.write_bytes(b"%PDF-1.7".ljust(MAX_UPLOAD_BYTES + 1_000_000, b" "))
    with browsing(live_server.url, "wide", errors=True) as page:
        page.goto("/verify/")
        page.set_input_files("#file", large)
        said = page.locator("#file").evaluate("input => input.validationMessage")
        assert said == "This file is larger than 20 MB. No document of the issuer is that large."
        page.locator("#file").evaluate("input => input.setCustomValidity('')")
        page.get_by_role("button", name="Verify the file").click()
        page.locator(".verify .notice-error").wait_for()
        assert "larger than 20 MB" in page.locator(".verify .notice-error").inner_text()


@pytest.mark.exhaustive
@needs_chromium
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious_in_verdicts(official, live_server, tmp_path, size, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(file_of(official))
    bad.write_bytes(file_of(official) + b"more")
    found = []
    with browsing(live_server.url, size, policy=False, errors=True) as page:
        page.goto("/verify/")
        found += serious(page)
        for file in (good, bad):
            page.set_input_files("#file", file)
            page.get_by_role("button", name="Verify the file").click()
            page.locator("#verdict").wait_for()
            page.locator("summary").last.click()
            found += serious(page)
        for address in ("/verify/?code=ABCD", *["/verify/?code=ABCD"] * 60):
            page.request.get(address)
        page.goto("/verify/?code=ABCD")
        page.locator(".verify .notice-error").wait_for()
        found += serious(page)
    assert found == []
