"""What a contract says does not change when the world does."""

from dataclasses import replace

import pytest

from accounts.models import Account
from contracts.documents import files as documents
from contracts.documents import snapshots
from contracts.documents.snapshots import freeze_line, read_line, read_snapshot, texts_of
from contracts.models import Contract
from contracts.pdf.labels import TEXTS
from contracts.services import convert_to_official
from orders.models import Order, Product
from tests.factories import IssuerFactory, OrderFactory, RemittanceAccountFactory, draft, member

pytestmark = pytest.mark.django_db


@pytest.mark.rule("R23")
def test_nothing_that_changes_later_reaches_the_contract(issuer, settings):
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
    Account.objects.update(time_zone="Pacific/Chatham")
    settings.SITE_URL = "https://moved.example.com"
    contract = Contract.objects.get(pk=contract.pk)
    for line in contract.lines.select_related("order"):
        line.order.configuration = "changed"
        line.order.save()
    assert read_snapshot(contract, contract.lines.values_list("snapshot", flat=True)) == before
    contract = convert_to_official(contract=contract, by=actor)
    before = replace(before, valid_from=contract.valid_from)  # a payment request holds from its conversion

    actor.account.certified_name = "Renamed Ltd"  # this and amounts would have kept it from being converted (R22)
    actor.account.time_zone = "America/New_York"
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


@pytest.mark.rule("R28")
def test_a_printed_fact_without_a_place_of_its_own_is_a_detail_where_an_order_has_it(issuer, monkeypatch):
    monkeypatch.setattr(snapshots, "DETAILS", ("cost_center",))
    frozen = freeze_line(OrderFactory())
    assert read_line(frozen).details == read_line(frozen | {"cost_center": ""}).details == ()
    given = read_line(frozen | {"cost_center": "CC-42"})
    assert given.details == (("cost_center", "CC-42"),)
    contract = draft(member())
    [text] = [
        text
        for at, text in texts_of(read_snapshot(contract, [frozen | {"cost_center": "CC-42"}]))
        if at == "/order_numbers/0"
    ]
    assert "CC-42" in text


def test_every_detail_has_a_label():
    assert set(snapshots.DETAILS) <= TEXTS.keys()
