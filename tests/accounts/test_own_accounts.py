"""Staff decide nothing about accounts that they are members of, whatever their role there (R45)."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.access.actors import staff_actor
from accounts.certification.requests import approve_certification, reject_certification
from accounts.models import Account, CertificationRequest
from billing.bank_statements import book_statement, read_statement
from billing.models import LedgerEntry, RemittanceAccount
from billing.remittances import book_remittance, reverse_entry
from common.errors import Refused
from tests import factories
from tests.billing.bookkeeping import LEDGER, REQUESTS, asked, book, client_of, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.rule("R45")]
STATEMENT = "remittance_account,amount,currency,bank_reference,received_on\n12190000,5.00,CNY,CMB-9,2026-11-21\n"


def staff_member(account: Account, role: str = "viewer"):
    """Somebody of Finance who is also a member of the account."""
    user = somebody("Finance")
    factories.MembershipFactory(user=user, account=account, role=role)
    return user


def refusal(call) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


@pytest.mark.parametrize("role", ["viewer", "finance", "owner"])
@pytest.mark.parametrize("decide", [approve_certification, reject_certification])
def test_not_its_certification(decide, role):
    request = asked()
    by = staff_actor(staff_member(request.account, role), "accounts.decide_certificationrequest")
    assert refusal(lambda: decide(request=request, note="Because", by=by)) == "permission_denied"
    assert CertificationRequest.objects.get().status == "pending"


def test_the_page_of_its_certification_offers_no_decision_and_no_scan():
    request = asked()
    client = client_of(staff_member(request.account))
    text = client.get(f"{REQUESTS}/{request.pk}/change/").text
    assert f"{request.pk}/approve/" not in text
    assert f"{request.pk}/licence/" not in text
    assert client.get(f"{REQUESTS}/{request.pk}/licence/").status_code == 403
    assert '<button class="button button' not in client.get(f"{REQUESTS}/{request.pk}/approve/").text


def test_no_remittance_to_it_and_no_reversal():
    account = factories.RemittanceAccountFactory().account
    entry = book(account)
    by = staff_actor(staff_member(account), "billing.book_remittance")
    given = {"amount": Decimal("7.00"), "currency": "CNY", "bank_reference": "CMB-7", "received_on": date(2026, 11, 21)}
    assert refusal(lambda: book_remittance(account=account, **given, by=by)) == "permission_denied"
    assert refusal(lambda: reverse_entry(entry=entry, note="Wrong", by=by)) == "permission_denied"
    assert LedgerEntry.objects.count() == 1
    assert "/reverse/" not in client_of(staff_member(account)).get(f"{LEDGER}/{entry.pk}/change/").text


def test_no_bank_statement_with_a_line_for_it():
    account = factories.RemittanceAccountFactory(account_number="12190000").account
    by = staff_actor(staff_member(account), "billing.book_remittance")
    content = STATEMENT.encode()
    seen = read_statement(content).fingerprint
    assert refusal(lambda: book_statement(content=content, seen=seen, by=by)) == "permission_denied"
    other = staff_actor(somebody("Finance"), "billing.book_remittance")
    assert len(book_statement(content=content, seen=seen, by=other).transfers) == 1


def test_not_its_remittance_account():
    own = factories.RemittanceAccountFactory()
    client = client_of(staff_member(own.account))
    path = f"/admin/billing/remittanceaccount/{own.pk}/change/"
    given = {"account": own.account_id, "payee": "Someone else", "bank": own.bank, "account_number": "1"}
    assert client.post(path, given).status_code == 403
    assert RemittanceAccount.objects.get().payee == own.payee


def test_no_new_remittance_account_for_it():
    account = factories.AccountFactory()
    given = {"account": account.pk, "payee": "Payee", "bank": "Bank", "account_number": "1"}
    path = "/admin/billing/remittanceaccount/add/"
    assert "account" in client_of(staff_member(account)).post(path, given).context["adminform"].errors
    assert client_of(somebody("Finance")).post(path, given).status_code == 302


def test_a_superuser_does_not_change_the_members_of_an_account_of_their_own():
    user = somebody(is_superuser=True)
    own, other = factories.MembershipFactory(user=user, role="viewer").account, factories.AccountFactory()
    client = client_of(user)
    assert client.post(f"/admin/accounts/account/{own.pk}/change/", {}).status_code == 403
    assert client.post(f"/admin/accounts/account/{other.pk}/change/", {}).status_code == 200
