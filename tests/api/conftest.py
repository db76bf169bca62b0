from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from accounts.models import Account, ApiToken
from config import wsgi
from tests.conftest import Api
from tests.factories import UserFactory

Application = Callable[[dict[str, Any], Callable[..., Any]], list[bytes]]


def read_and_close(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer as a server does, which closes what it has sent."""
    answer = wsgi.application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@pytest.fixture
def application(db) -> Iterator[Application]:
    """What a server runs, with no test client before it; it leaves the test's connection open, as that does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield read_and_close
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def account(membership) -> Account:
    return membership.account


@pytest.fixture
def integrator(db) -> Api:
    """A client of the company's own systems, whose token has all scopes."""
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=("integrate", "integrate_accounts")))
    api = Api()
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user)[1]}"
    return api


@pytest.fixture
def order_json(membership) -> dict[str, Any]:
    """An unpaid order of the account as the order system tells of it."""
    return {
        "number": "FO700000001",
        "account": membership.account.number,
        "product": {"code": "ecs", "name": "Elastic Compute"},
        "kind": "new",
        "configuration": "4 vCPU, 16 GiB",
        "region": "Shanghai",
        "quantity": 2,
        "currency": "CNY",
        "list_amount": "2400.00",
        "payable_amount": "2161.00",
        "status": "unpaid",
        "ordered_at": "2026-11-22T09:00:00+08:00",
        "paid_at": None,
        "service_start": None,
        "service_end": None,
    }
