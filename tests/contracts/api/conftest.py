from typing import Any

import pytest
from django.contrib.auth.models import Permission

from billing.models import Account, ApiToken
from tests.conftest import Api
from tests.factories import UserFactory


@pytest.fixture
def account(membership) -> Account:
    return membership.account


@pytest.fixture
def integrator(db) -> Api:
    """A client of the company's order system."""
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
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
