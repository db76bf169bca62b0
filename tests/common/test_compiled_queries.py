"""Compiled queries return what the plain queryset does, for other values and in other threads too."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.db.models import CharField
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from common.compiled_queries import CompiledQuery, Parameter
from tests.factories import AccountFactory


def make_query() -> CompiledQuery[Account]:
    return CompiledQuery(
        lambda: Account.objects.filter(number=Parameter("number", CharField())).prefetch_related("memberships")
    )


@pytest.mark.django_db
def test_each_use_has_its_own_values():
    accounts, query = [AccountFactory() for _ in range(2)], make_query()
    for account in (*accounts, *accounts):
        assert list(query.rows(number=account.number)) == [account]
    assert list(query.rows(number="none")) == []


@pytest.mark.django_db
def test_the_statement_is_that_of_the_queryset():
    account, query = AccountFactory(), make_query()
    with CaptureQueriesContext(connection) as plain:
        list(Account.objects.filter(number=account.number).prefetch_related("memberships"))
    for _use in range(2):
        with CaptureQueriesContext(connection) as compiled:
            list(query.rows(number=account.number))
        assert [bare(each["sql"]) for each in compiled] == [bare(each["sql"]) for each in plain]


def bare(sql: str) -> str:
    """Return the statement without the parentheses that Django puts around expressions."""
    return sql.replace("(", "").replace(")", "")


@pytest.mark.django_db(transaction=True)
def test_threads_use_their_own_connections():
    account, query = AccountFactory(), make_query()

    def read(_use: int) -> list[Account]:
        try:
            return list(query.rows(number=account.number))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(8))) == [[account]] * 8
