"""Who is written to: a row for each member who acts, kept or dropped with what it tells of."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.notices import notify
from contracts.notifications.emails import TICKET_OPENED
from emails.models import Notice
from tests.emails.mail import TICKET, acting
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


def tell(account):
    notify(account, TICKET_OPENED, TICKET, at=timezone.now())


def test_every_owner_and_finance_member_is_written_to():
    account = AccountFactory()
    owner, finance = acting(account=account), acting("mei@customer.example", account=account, role="finance")

    tell(account)

    assert {(row.user, row.reference, row.state) for row in Notice.objects.all()} == {
        (owner.user, account.number, "pending"),
        (finance.user, account.number, "pending"),
    }


def test_viewers_the_inactive_those_without_address_and_other_accounts_are_not():
    account = AccountFactory()
    acting(account=account, role="viewer")
    acting("", account=account)
    acting(account=account, user__is_active=False)
    acting()

    tell(account)

    assert not Notice.objects.exists()


def test_what_is_rolled_back_writes_to_nobody(django_capture_on_commit_callbacks):
    member = acting()

    with django_capture_on_commit_callbacks() as after_commit, transaction.atomic():
        tell(member.account)
        assert Notice.objects.exists()
        transaction.set_rollback(True)

    assert (Notice.objects.count(), after_commit) == (0, [])


def test_where_nobody_is_written_to_no_worker_is_called(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as after_commit:
        tell(AccountFactory())

    assert after_commit == []


def test_it_takes_two_statements_however_many_members(django_assert_num_queries):
    account = AccountFactory()
    for i in range(10):
        acting(f"member{i}@customer.example", account=account)

    with django_assert_num_queries(2):
        tell(account)
