"""A payment request becomes invalid in the transaction that cancels or refunds one of its orders (R20)."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts.models import Contract
from contracts.services import request_void
from orders.facts import FACTS
from orders.importing import write_orders
from orders.importing.rows import OrderRow
from orders.models import Order
from orders.services import cancel_unpaid
from tests.conftest import Api
from tests.factories import UserFactory, draft, official
from webhooks import events
from webhooks.endpoints import create_endpoint
from webhooks.models import WebhookDelivery

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R20")]


@pytest.fixture
def actor(membership, clock, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    actor = actor_of(membership, "page")
    create_endpoint(url="https://127.0.0.1:9/", by=actor)
    return actor


def row_of(order: Order, **changes) -> OrderRow:
    row = OrderRow(
        account=order.account.number,
        product_code=order.product.code,
        product_name=order.product.name,
        **{name: getattr(order, name) for name in ("number", "currency", "status", "paid_at")},
        facts={fact.name: getattr(order, fact.name) for fact in FACTS},
    )
    return replace(row, **changes)


def told_of(contract: Contract, order: Order) -> list[str]:
    rows = WebhookDelivery.objects.filter(subject__in=[contract.number, order.number]).order_by("pk")
    return [row.type for row in rows]


def test_a_customer_cancels(actor, monkeypatch, django_capture_on_commit_callbacks):
    contract = draft(actor, type="payment_request", count=2)
    order = contract.lines.first().order
    asked = []
    monkeypatch.setattr(events, "enqueue_webhooks", lambda: asked.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        cancel_unpaid(order=order, by=actor)
    ended = Contract.objects.get(pk=contract.pk)
    assert (ended.status, ended.invalid_at) == ("invalid", timezone.now())
    assert {line.released_at for line in ended.lines.all()} == {timezone.now()}
    assert told_of(contract, order) == ["contract.drafted", "order.cancelled", "contract.invalid"]
    assert asked  # a worker sends them now


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
def test_the_order_system_cancels_or_refunds(actor, status):
    contract = official(actor, type="payment_request", count=2)
    ticket = request_void(contract=contract, reason="renamed", by=actor)
    order = contract.lines.first().order
    changes = {"status": status, "paid_at": timezone.now() if status == "refunded" else None}
    [outcome] = write_orders([row_of(order, **changes)], now=timezone.now()).outcomes
    assert outcome.outcome == "updated"
    ended = Contract.objects.get(pk=contract.pk)
    assert (ended.status, ended.invalid_at) == ("invalid", timezone.now())
    ticket.refresh_from_db(fields=["decided_at"])
    assert ticket.decided_at == timezone.now()
    assert told_of(contract, order)[-1] == "void_ticket.decided"
    assert "contract.invalid" in told_of(contract, order)


def test_an_order_contract_stays_and_nothing_else_is_touched(actor):
    contract, other = draft(actor), draft(actor, type="payment_request")
    order = contract.lines.get().order
    write_orders([row_of(order, status="refunded")], now=timezone.now())
    assert set(Contract.objects.values_list("status", flat=True)) == {"draft"}
    assert other.status == "draft"


def test_an_integrator_cancels_by_api(actor, membership):
    contract = draft(actor, type="payment_request")
    order = contract.lines.get().order
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    feed = Api()
    feed.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user)[1]}"
    told = feed.get(f"orders/{order.number}/").json()
    path = f"/api/v1/orders/{order.number}/"
    answer = feed.client.put(path, told | {"status": "cancelled"}, content_type="application/json")
    assert answer.status_code == 200
    assert Contract.objects.get(pk=contract.pk).status == "invalid"
