"""Booking a remittance by form, and reversing one, as finance staff do it."""

import pytest

from accounts.models import Account
from billing.models import LedgerEntry
from tests import factories
from tests.billing.bookkeeping import HOSTILE, LEDGER, amounts, book, client_of, holder_of, seen_on, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BOOK = f"{LEDGER}/book/"
TYPED = {"amount": "1234.50", "currency": "cny", "bank_reference": "CMB-1", "received_on": "2026-11-21", "note": "118"}


@pytest.fixture
def account():
    return factories.AccountFactory()


@pytest.fixture
def client():
    return client_of(somebody("Finance"))


def typed(account, /, **changes):
    return {"account": account.number} | TYPED | changes


def errors_on(page):
    return sorted(page.context["form"].errors)


def test_the_page_before_shows_whose_money_it_is_and_books_nothing(client, account):
    book(account, "100.00", "CMB-0")
    page = client.post(BOOK, typed(account))
    assert page.status_code == 200
    for shown in (account.certified_name, "<strong>CNY 1,234.50</strong> is booked", "CNY 100.00", "CNY 1,334.50"):
        assert shown in page.text
    assert amounts(account) == ["100.00"]


def test_the_second_time_it_is_booked(client, account):
    seen = client.post(BOOK, typed(account)).context["seen"]
    answer = client.post(BOOK, typed(account, seen=seen), follow=True)
    entry = LedgerEntry.objects.get()
    assert answer.redirect_chain == [(f"{LEDGER}/{entry.pk}/change/", 302)]
    assert f"CNY 1,234.50 was booked to account {account.number}." in answer.text
    assert (entry.account, entry.bank_reference, entry.note) == (account, "CMB-1", "118")
    assert f"{entry.received_on}" == "2026-11-21"


def test_it_carries_all_that_was_typed(client, account):
    form = client.post(BOOK, typed(account)).context["form"]
    carried = {field.html_name: field.value() for field in form}
    assert carried == typed(account)


def test_one_can_go_back_to_the_form_with_what_was_typed(client, account):
    page = client.post(BOOK, typed(account, seen="anything", edit=""))
    assert 'value="1234.50"' in page.text
    assert "Continue" in page.text
    assert amounts(account) == []


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"account": "0"}, ["account"]),
        ({"amount": "1,234.50"}, ["amount"]),
        ({"amount": "1e3x"}, ["amount"]),
        ({"amount": "NaN"}, ["amount"]),
        ({"amount": "1E400"}, ["amount"]),
        ({"amount": "-1"}, ["amount"]),
        ({"amount": "0.00"}, ["amount"]),
        ({"amount": "0.001"}, ["amount"]),
        ({"currency": "USD"}, ["currency"]),
        ({"bank_reference": "x" * 65}, ["bank_reference"]),
        ({"received_on": "2026-11-23"}, ["received_on"]),
        ({"received_on": "yesterday"}, ["received_on"]),
        ({"note": "x" * 201}, ["note"]),
        ({"account": "", "amount": "", "currency": "", "bank_reference": ""}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("confirmed", [False, True])
def test_what_is_wrong_stands_at_its_field_and_nothing_is_booked(client, account, changes, wrong, confirmed):
    seen = {"seen": f"{account.pk} {account} CNY"} if confirmed else {}
    page = client.post(BOOK, typed(account, **changes, **seen))
    assert page.status_code == 400
    assert errors_on(page) == (wrong or ["account", "amount", "bank_reference", "currency"])
    assert amounts(account) == []


def test_a_reference_booked_before_is_named_at_its_field_before_and_after_the_page(client, account):
    seen = client.post(BOOK, typed(account)).context["seen"]
    book(factories.AccountFactory(), reference="CMB-1")
    for given in ({}, {"seen": seen}):
        page = client.post(BOOK, typed(account, **given))
        assert page.status_code == 409
        assert "CMB-1 was already booked to account" in page.context["form"].errors["bank_reference"][0]
    assert amounts(account) == []


def test_an_account_that_changed_since_the_page_was_shown_is_looked_at_again(client, account):
    seen = client.post(BOOK, typed(account)).context["seen"]
    Account.objects.update(certified_name="Another Name Ltd.")
    page = client.post(BOOK, typed(account, seen=seen))
    assert page.status_code == 409
    assert "This has changed since you opened the page" in page.text
    assert amounts(account) == []


def test_sending_the_page_twice_books_once(client, account):
    sent = typed(account, seen=client.post(BOOK, typed(account)).context["seen"])
    assert [client.post(BOOK, sent).status_code for _ in range(2)] == [302, 409]
    assert amounts(account) == ["1234.50"]


def test_html_is_shown_as_text(client):
    account = factories.AccountFactory(certified_name=HOSTILE)
    sent = typed(account, note=HOSTILE, bank_reference="<img src=x>")
    page = client.post(BOOK, sent)
    answer = client.post(BOOK, {**sent, "seen": page.context["seen"]}, follow=True)
    entry = LedgerEntry.objects.get()
    for text in (
        page.text,
        answer.text,
        client.get(f"{LEDGER}/{entry.pk}/reverse/").text,
        client.get(f"{LEDGER}/").text,
    ):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def reverse(client, entry, note="Wrong account"):
    address = f"{LEDGER}/{entry.pk}/reverse/"
    return client.post(address, {"seen": seen_on(client.get(address)), "note": note}, follow=True)


def test_reversing_goes_over_a_page_that_shows_the_balance_afterwards(client, account):
    entry = book(account, "250.00")
    book(account, "100.00", "CMB-2")
    page = client.get(f"{LEDGER}/{entry.pk}/reverse/")
    for shown in ("CNY 250.00 is deducted from account", "CNY 350.00", "CNY -250.00", "<strong>CNY 100.00</strong>"):
        assert shown in page.text
    assert "becomes negative" not in page.text
    answer = reverse(client, entry)
    assert f"Ledger entry {entry.pk} was reversed" in answer.text
    assert amounts(account) == ["250.00", "100.00", "-250.00"]


def test_the_page_warns_of_a_negative_balance(client, account):
    entry = book(account, "250.00")
    LedgerEntry.objects.create(account=account, amount=-200, booked_at=entry.booked_at)
    page = client.get(f"{LEDGER}/{entry.pk}/reverse/")
    assert "The balance becomes negative" in page.text
    assert "<strong>CNY -200.00</strong>" in page.text


def test_a_reversal_on_a_page_that_has_become_stale_is_refused(client, account):
    entry = book(account)
    address = f"{LEDGER}/{entry.pk}/reverse/"
    seen = seen_on(client.get(address))
    book(account, "7.00", "CMB-2")
    page = client.post(address, {"seen": seen, "note": "Wrong account"})
    assert page.status_code == 409
    assert "This has changed since you opened the page" in page.text
    assert amounts(account) == ["100.00", "7.00"]


def test_a_reversal_without_a_note_stays_on_the_page(client, account):
    answer = reverse(client, book(account), note=" ")
    assert answer.status_code == 400
    assert 'id="id_note_error"' in answer.text
    assert amounts(account) == ["100.00"]


def test_what_was_reversed_and_what_is_no_remittance_has_no_button(client, account):
    entry = book(account)
    assert f"{LEDGER}/{entry.pk}/reverse/" in client.get(f"{LEDGER}/{entry.pk}/change/").text
    reverse(client, entry)
    for row, said in ((entry, "has already been reversed"), (entry.reversed_by, "Only remittances can be reversed")):
        address = f"{LEDGER}/{row.pk}/reverse/"
        assert address not in client.get(f"{LEDGER}/{row.pk}/change/").text
        assert said in client.post(address, {"seen": "", "note": "Again"}, follow=True).text
    assert amounts(account) == ["100.00", "-100.00"]


def test_those_who_only_read_see_no_buttons_and_get_403(account):
    entry = book(account)
    places = [BOOK, f"{LEDGER}/statement/", f"{LEDGER}/{entry.pk}/reverse/"]
    for reader in (client_of(somebody("Auditor")), client_of(somebody("Legal")), holder_of("view_ledgerentry")):
        seen = reader.get(f"{LEDGER}/").text + reader.get(f"{LEDGER}/{entry.pk}/change/").text
        for place in places:
            assert place not in seen
            assert reader.get(place).status_code == 403
            assert reader.post(place, typed(account, seen="", note="No")).status_code == 403
    assert holder_of("book_remittance").post(BOOK, typed(account)).status_code == 403
    assert amounts(account) == ["100.00"]


def test_those_who_may_have_buttons_on_the_list(client):
    text = client.get(f"{LEDGER}/").text
    assert BOOK in text
    assert f"{LEDGER}/statement/" in text
