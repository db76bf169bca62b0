"""The admin shows what has happened and changes none of it, not even for a superuser."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from billing.models import LedgerEntry
from contracts import services
from contracts.models import AuditEvent, Contract, ContractDocument, VoidTicket
from orders.models import Order
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
READ_ONLY = [Order, LedgerEntry, Contract, ContractDocument, VoidTicket, AuditEvent]
KEPT = ["billing.account", "billing.remittanceaccount", "orders.product"]


@pytest.fixture
def superuser(client):
    user = get_user_model().objects.create_superuser("root", password="secret")
    client.force_login(user)
    return client


@pytest.fixture
def rows():
    """One row of every model that is only read."""
    actor = factories.member()
    order = factories.PaidOrderFactory(account=actor.account)
    contract = services.apply_for_contract(type="order", order_numbers=[order.number], by=actor)
    services.convert_to_official(contract=contract, by=actor)
    services.request_void(contract=contract, reason="Wrong orders", by=actor)
    LedgerEntry.objects.create(account=actor.account, amount=5, booked_at=timezone.now())


def values(model):
    return list(model.objects.order_by("pk").values())


@pytest.mark.rule("R5")
@pytest.mark.rule("R23")
@pytest.mark.rule("R27")
@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_nothing_is_added_changed_or_deleted(superuser, rows, model):
    name = f"admin:{model._meta.label_lower.replace('.', '_')}"
    before = values(model)
    pk = before[-1]["id"]
    assert superuser.get(reverse(f"{name}_changelist")).status_code == 200
    assert superuser.get(reverse(f"{name}_change", args=[pk])).status_code == 200
    every_field = {field: "voided" if field == "status" else "1" for field in before[-1]} | {"_save": "Save"}
    for url in (
        reverse(f"{name}_add"),
        reverse(f"{name}_change", args=[pk]),
        reverse(f"{name}_delete", args=[pk]),
    ):
        assert superuser.post(url, every_field | {"post": "yes"}).status_code == 403
    superuser.post(
        reverse(f"{name}_changelist"),
        {"action": "delete_selected", "_selected_action": [pk], "post": "yes", "select_across": "1"},
    )
    superuser.post(
        reverse(f"{name}_changelist"),
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": pk, "form-0-status": "paid", "_save": "Save"},
    )
    assert values(model) == before


@pytest.mark.parametrize("label", KEPT)
def test_what_contracts_and_orders_refer_to_is_never_deleted(superuser, rows, label):
    factories.RemittanceAccountFactory()
    name = f"admin:{label.replace('.', '_')}"
    assert superuser.get(reverse(f"{name}_changelist")).status_code == 200
    pk = apps.get_model(label).objects.latest("pk").pk
    assert superuser.post(reverse(f"{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
