"""Booking a bank statement as finance staff do it: the file, each of its lines looked at, and then the entries."""

from base64 import b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.bank_statement_csv import MAX_STATEMENT_BYTES, MAX_STATEMENT_LINES
from billing.models import LedgerEntry
from tests import factories
from tests.billing.bookkeeping import HOSTILE, LEDGER, amounts, book, client_of, holder_of, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = f"{LEDGER}/statement/"
HEADER = "bank_reference,remittance_account,amount,currency,received_on,note\n"
OURS = "121900001111"
SIGNING_IN = 4
"""Session, user, and the permissions of the user and of the groups."""


@pytest.fixture
def account():
    return factories.RemittanceAccountFactory(account_number=OURS).account


@pytest.fixture
def client():
    return client_of(somebody("Finance"))


def file_of(*lines) -> bytes:
    return (HEADER + "".join(f"{line}\n" for line in lines)).encode()


def line(reference="CMB-1", number=OURS, amount="100.00", note=""):
    return f"{reference},{number},{amount},CNY,2026-11-21,{note}"


def upload(client, content: bytes, name="statement.csv"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def carried(page) -> dict:
    """What the plan's page sends when it is confirmed."""
    return {"statement": page.context["content"], "seen": page.context["statement"].fingerprint}


def test_the_plan_shows_every_line_and_books_nothing(client, account):
    book(account, "7.00", "CMB-0")
    page = upload(client, file_of(line(note="Invoice 118"), line("CMB-0", amount="7.00"), line("CMB-2", amount="-5")))
    assert page.status_code == 200
    for shown in (
        "1 remittance is booked: <strong>CNY 100.00</strong>",
        "1 line is already booked and stays unchanged.",
        "1 line has errors. Nothing is booked",
        "Invoice 118",
        '<th scope="row" class="line">4</th><td class="code column">amount</td><td>The amount must be above zero.',
        "CMB-2, 121900001111, -5, CNY, 2026-11-21",
        "Book 1 remittance",
    ):
        assert shown in page.text
    assert amounts(account) == ["7.00"]


def test_the_second_time_it_is_booked(client, account):
    page = upload(client, file_of(line(), line("CMB-2", amount="0.50")))
    answer = client.post(PAGE, carried(page), follow=True)
    assert answer.redirect_chain == [(f"{LEDGER}/", 302)]
    assert "2 remittances were booked: CNY 100.50." in answer.text
    assert amounts(account) == ["100.00", "0.50"]


def test_repeating_the_file_or_the_click_makes_no_second_entry(client, account):
    page = upload(client, file_of(line()))
    assert [client.post(PAGE, carried(page)).status_code for _ in range(2)] == [302, 409]
    again = upload(client, file_of(line()))
    assert "Nothing. This file has no new, correct lines." in again.text
    assert "Already booked" in again.text
    assert '<button class="button button-primary">Book' not in again.text
    assert client.post(PAGE, carried(again)).status_code == 400
    assert amounts(account) == ["100.00"]


def test_wrong_lines_are_left_out_only_when_that_is_said(client, account):
    page = upload(client, file_of(line(), line("CMB-2", number="0")))
    assert 'name="without_faults" required' in page.text
    refused = client.post(PAGE, carried(page))
    assert refused.status_code == 400
    assert "Some lines have errors." in refused.text
    assert amounts(account) == []
    assert client.post(PAGE, {**carried(page), "without_faults": "on"}).status_code == 302
    assert amounts(account) == ["100.00"]


def test_a_plan_that_has_become_stale_is_refused_and_shown_anew(client, account):
    page = upload(client, file_of(line(), line("CMB-2")))
    book(account, "100.00", "CMB-1")
    answer = client.post(PAGE, carried(page))
    assert answer.status_code == 409
    assert "is outdated. Nothing was booked" in answer.text
    assert "Book 1 remittance" in answer.text
    assert amounts(account) == ["100.00"]
    assert client.post(PAGE, carried(answer)).status_code == 302
    assert amounts(account) == ["100.00", "100.00"]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 400, "The file is empty"),
        (HEADER.replace(",", ";").encode(), 400, "separated by commas"),
        ((HEADER + line(note="Müller")).encode("latin-1"), 400, "Line 2 is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n", 400, "Line 1 is not UTF-8 text"),
        (b"x" * (MAX_STATEMENT_BYTES + 1), 413, "The file is larger than 1 MB"),
        (file_of(*[line()] * (MAX_STATEMENT_LINES + 1)), 413, "more than 5,000 lines"),
    ],
    ids=["empty", "semicolons", "latin-1", "picture", "large", "long"],
)
def test_a_file_that_is_none_is_refused_with_what_to_do(client, account, content, status, said):
    page = upload(client, content)
    assert page.status_code == status
    assert said in page.text
    assert "Nothing was changed." in page.text
    assert "File format" in page.text


def test_a_byte_order_mark_does_not_matter(client, account):
    assert "Book 1 remittance" in upload(client, b"\xef\xbb\xbf" + file_of(line())).text


@pytest.mark.exhaustive
def test_the_longest_file_can_be_looked_at_and_booked(client, account):
    lines = [line(f"CMB-{i}", note="n" * 150) for i in range(MAX_STATEMENT_LINES)]
    content = file_of(*lines)
    assert 0.9 * MAX_STATEMENT_BYTES < len(content) < MAX_STATEMENT_BYTES
    page = upload(client, content)
    assert client.post(PAGE, carried(page)).status_code == 302
    assert LedgerEntry.objects.filter(account=account).count() == MAX_STATEMENT_LINES


def test_no_file_is_asked_for_again(client):
    page = client.post(PAGE, {})
    assert page.status_code == 400
    assert "Choose the file." in page.text


@pytest.mark.parametrize("statement", ["", "no base64!", "蓝", b64encode(b"\xff\xfe").decode()])
def test_what_the_page_never_carried_is_no_file(client, statement):
    for given in ({"statement": statement}, {"statement": statement, "seen": "anything"}):
        page = client.post(PAGE, given)
        assert page.status_code == 400
        assert "Nothing was changed." in page.text


def test_html_and_formulas_are_shown_as_text(client, account):
    wrong = file_of(line(note=HOSTILE), line("<img src=x>", number="0"), line("CMB-3", amount="<i>", note="=1+1"))
    page = upload(client, wrong)
    text = client.post(PAGE, {**carried(page), "without_faults": "on"}, follow=True).text + page.text
    text += client.get(f"{LEDGER}/{LedgerEntry.objects.get().pk}/change/").text
    for markup in ("<script>alert", "<img src=x", "<i>"):
        assert markup not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "=1+1" in text


def test_a_header_with_html_is_said_as_text(client):
    text = upload(client, HEADER.replace("note", "<img src=x>").encode()).text
    assert "<img src=x" not in text
    assert "&lt;img src=x&gt;" in text


def test_those_who_only_read_get_403(account):
    content = b64encode(file_of(line())).decode()
    for reader in (client_of(somebody("Auditor")), holder_of("view_ledgerentry"), holder_of("book_remittance")):
        assert reader.get(PAGE).status_code == 403
        assert upload(reader, file_of(line())).status_code == 403
        assert reader.post(PAGE, {"statement": content, "seen": ""}).status_code == 403
    assert amounts(account) == []


def test_statements_a_page(client, account, django_assert_max_num_queries):
    with django_assert_max_num_queries(SIGNING_IN):
        assert client.get(PAGE).status_code == 200
    with django_assert_max_num_queries(SIGNING_IN + 2):
        assert upload(client, file_of(*[line(f"CMB-{i}") for i in range(300)])).status_code == 200


@pytest.mark.parametrize(
    ("count", "listed", "omitted"), [(200, 200, None), (201, 200, "1 more error is"), (250, 200, "50 more errors are")]
)
def test_the_first_faults_are_listed_and_the_others_counted(client, account, count, listed, omitted):
    page = upload(client, file_of(*[line(f"CMB-{i}", amount="x") for i in range(count)]))
    assert page.text.count('<td class="code column">amount</td>') == listed
    assert f"{count} lines have errors." in page.text
    assert (f"{omitted} not listed." in page.text) if omitted else ("not listed" not in page.text)
