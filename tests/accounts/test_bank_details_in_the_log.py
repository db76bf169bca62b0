"""The admin's log keeps the old and the new value of bank details."""

import pytest
from django.contrib.admin.models import LogEntry

from billing.models import RemittanceAccount
from tests import factories
from tests.billing.bookkeeping import client_of, somebody

pytestmark = pytest.mark.django_db
PATH = "/admin/billing/remittanceaccount"


def logged() -> str:
    return LogEntry.objects.latest("pk").get_change_message()


def test_a_changed_remittance_account():
    own = factories.RemittanceAccountFactory(account_number="1219 0000", bank="Old Bank")
    given = {"account": own.account_id, "payee": own.payee, "bank": "New Bank", "account_number": "1219 1111"}
    answer = client_of(somebody("Finance")).post(f"{PATH}/{own.pk}/change/", given)
    assert answer.status_code == 302
    assert "Old Bank → New Bank" in logged()
    assert "12190000 → 12191111" in logged()
    assert own.payee not in logged()


def test_a_new_one():
    account = factories.AccountFactory()
    given = {"account": account.pk, "payee": "Payee", "bank": "Bank", "account_number": "1219"}
    client_of(somebody("Finance")).post(f"{PATH}/add/", given)
    assert RemittanceAccount.objects.get().account == account
    assert "— → 1219" in logged()
