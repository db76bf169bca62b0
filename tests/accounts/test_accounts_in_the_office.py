"""Accounts as staff open them: what is held on to for good is looked at first."""

import pytest

from accounts.models import Account
from tests.billing.bookkeeping import client_of, somebody

pytestmark = pytest.mark.django_db
NO_MEMBERS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


def open_account(currency):
    given = {"number": "10020030", "currency": currency, "time_zone": "Asia/Shanghai", **NO_MEMBERS}
    return client_of(somebody(is_superuser=True)).post("/admin/accounts/account/add/", given)


@pytest.mark.parametrize("currency", ["rmb", "RMB", "cny", "XXX"])
def test_an_account_in_a_currency_that_is_none_is_not_opened(currency):
    """Nothing could be booked to it, and its currency is never changed."""
    answer = open_account(currency)
    assert f"{currency} is not an ISO 4217 currency code such as CNY." in answer.text
    assert not Account.objects.exists()


def test_an_account_is_opened_in_any_currency_in_use():
    assert open_account("KWD").status_code == 302
    assert Account.objects.get().currency == "KWD"
