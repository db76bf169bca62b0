"""What a contract says does not change when the world does."""

from dataclasses import replace

import pytest

from contracts.documents import files as documents
from contracts.documents.snapshots import read_snapshot
from contracts.models import Contract
from contracts.services import convert_to_official
from orders.models import Order, Product
from tests.factories import IssuerFactory, RemittanceAccountFactory, draft, member

pytestmark = pytest.mark.django_db


@pytest.mark.rule("R23")
def test_nothing_that_changes_later_reaches_the_contract(issuer):
    actor = member()
    own = RemittanceAccountFactory(account=actor.account)
    contract = draft(actor, type="payment_request", count=2)
    before = read_snapshot(contract, contract.lines.values_list("snapshot", flat=True))
    file_before = documents.read(contract.documents.get())

    actor.account.profile.address = "moved"
    actor.account.profile.save()
    IssuerFactory(version=issuer.version + 1, name="Merged Corp")
    own.account_number = "0000"
    own.save()
    Product.objects.update(name="Renamed product", supports_contracts=False)
    for line in contract.lines.select_related("order"):
        line.order.configuration = "changed"
        line.order.save()
    assert read_snapshot(contract, contract.lines.values_list("snapshot", flat=True)) == before
    contract = convert_to_official(contract=contract, by=actor)
    before = replace(before, valid_from=contract.valid_from)  # a payment request holds from its conversion

    actor.account.certified_name = "Renamed Ltd"  # this and amounts would have kept it from being converted (R22)
    actor.account.save()
    Order.objects.update(payable_amount="1.00")
    contract = Contract.objects.select_related("account").get(pk=contract.pk)
    assert read_snapshot(contract, contract.lines.values_list("snapshot", flat=True)) == before
    assert documents.read(contract.documents.get(kind="draft")) == file_before
    assert documents.read(contract.documents.get(kind="official")).startswith(file_before)


@pytest.mark.rule("R33")
def test_the_snapshot_keeps_amounts_to_the_cent(issuer):
    contract = draft(member())
    [line] = read_snapshot(contract, contract.lines.values_list("snapshot", flat=True)).lines
    order = contract.lines.get().order
    assert (line.list_amount, line.payable_amount) == (order.list_amount, order.payable_amount)
    assert (line.ordered_at, line.service_end) == (order.ordered_at, order.service_end)
