"""My program asks for what has changed since it last asked, and misses nothing."""

from datetime import timedelta

import pytest

from accounts.access.actors import actor_of
from contracts import services
from contracts.models import Contract
from contracts.services import approvals
from orders.models import Order
from orders.services import cancel_overdue_orders, cancel_unpaid, record_payment
from tests import factories
from tests.api.conformance import problem
from tests.factories import OrderFactory, PaidOrderFactory, draft, official, staff
from tests.orders.sheets import PAID, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


@pytest.fixture
def actor(membership):
    return actor_of(membership, "api")


def changed(api, path: str, **parameters) -> list[str]:
    answer = api.get(path, {"ordering": "updated_at", **parameters})
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


def needing_approval(actor) -> Contract:
    contract = draft(actor)
    actor.account.approval_required_from = {"CNY": "0"}
    actor.account.save()
    contract.account.refresh_from_db()
    return contract


def request(contract, by):
    return services.request_approval(contract=contract, by=by)


CHANGES = {
    "remarks": lambda c, by: services.edit_remarks(contract=c, remarks="seen", by=by),
    "converted": lambda c, by: services.convert_to_official(contract=c, by=by),
    "voided": lambda c, by: services.void_draft(contract=c, by=by),
}
TICKET_CHANGES = {
    "rejected": lambda ticket: services.reject_void(ticket=ticket, note="no", by=staff()),
    "approved": lambda ticket: services.approve_void(ticket=ticket, by=staff()),
}
APPROVAL_CHANGES = {
    "rejected": lambda approval, by: services.reject_approval(
        approval=approval, note="no", by=factories.member("owner", by.account)
    ),
    "withdrawn": lambda approval, by: services.withdraw_approval(approval=approval, by=by),
    "approved": lambda approval, by: services.approve_conversion(
        approval=approval, by=factories.member("owner", by.account)
    ),
}


def moved(contract: Contract, change) -> bool:
    before = Contract.objects.get(pk=contract.pk).updated_at
    change()
    return Contract.objects.get(pk=contract.pk).updated_at > before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_a_contract(actor, change):
    contract = draft(actor)
    assert moved(contract, lambda: change(contract, actor))


def test_a_void_ticket_is_opened(actor):
    contract = official(actor)
    assert moved(contract, lambda: services.request_void(contract=contract, reason="twice", by=actor))


@pytest.mark.parametrize("change", TICKET_CHANGES.values(), ids=TICKET_CHANGES)
def test_a_void_ticket_is_decided(actor, change):
    contract = official(actor)
    ticket = services.request_void(contract=contract, reason="twice", by=actor)
    assert moved(contract, lambda: change(ticket))


def test_an_approval_is_requested(actor):
    contract = needing_approval(actor)
    assert moved(contract, lambda: request(contract, actor))


@pytest.mark.parametrize("change", APPROVAL_CHANGES.values(), ids=APPROVAL_CHANGES)
def test_an_approval_is_decided(actor, change):
    contract = needing_approval(actor)
    request(contract, actor)
    approval = approvals.get_requested(contract)
    assert moved(contract, lambda: change(approval, actor))


def test_a_payment_request_ends_when_the_clock_comes(actor):
    contract = draft(actor, type="payment_request")
    assert contract.expires_at
    later = contract.expires_at + timedelta(seconds=1)
    assert moved(contract, lambda: services.invalidate_due(now=later))


def test_a_payment_request_ends_with_its_order(actor):
    contract = draft(actor, type="payment_request")
    order = Order.objects.get(number=contract.order_numbers[0])
    assert moved(contract, lambda: cancel_unpaid(order=order, by=actor))


def test_an_invoice_number_arrives(actor, tmp_path):
    factories.ProductFactory(code=PAID["product_code"], supports_contracts=True)
    actor.account.number = PAID["account"]
    actor.account.save()
    run(sheet(tmp_path, PAID))
    contract = services.apply_for_contract(type="order", order_numbers=[PAID["number"]], by=actor)
    columns = [*PAID, "invoice_numbers"]
    invoiced = PAID | {"invoice_numbers": '["INV-1"]'}
    assert moved(contract, lambda: run(sheet(tmp_path, invoiced, columns=columns)))
    assert not moved(contract, lambda: run(sheet(tmp_path, invoiced, columns=columns)))


def test_what_does_not_change_stays_where_it_is(actor):
    contract = draft(actor, remarks="seen")
    assert not moved(contract, lambda: services.edit_remarks(contract=contract, remarks="seen", by=actor))


@pytest.mark.parametrize(
    "change",
    [
        lambda order, by: cancel_unpaid(order=order, by=by),
        lambda order, by: record_payment(order=order, paid_at=order.ordered_at, by=factories.staff()),
        lambda order, by: cancel_overdue_orders(now=order.payment_deadline),
    ],
    ids=["cancelled", "paid", "overdue"],
)
def test_a_change_of_an_order(actor, change):
    order = OrderFactory(account=actor.account)
    before = Order.objects.get(pk=order.pk).updated_at
    change(order, actor)
    assert Order.objects.get(pk=order.pk).updated_at > before


def test_an_imported_order(tmp_path):
    factories.AccountFactory(number=PAID["account"])
    run(sheet(tmp_path, PAID))
    first = Order.objects.get().updated_at
    run(sheet(tmp_path, PAID))
    assert Order.objects.get().updated_at == first
    run(sheet(tmp_path, PAID | {"region": "corrected"}))
    assert Order.objects.get().updated_at > first


def test_the_list_is_read_in_the_order_of_changes(api, actor):
    first, second, third = (draft(actor) for _ in range(3))
    services.edit_remarks(contract=first, remarks="last", by=actor)
    assert changed(api, "contracts/") == [second.number, third.number, first.number]


def test_a_row_that_changes_while_it_is_read_is_read_again(api, actor):
    contracts = [draft(actor) for _ in range(4)]
    answer = api.get("contracts/", {"ordering": "updated_at", "page_size": 2}).json()
    assert [row["number"] for row in answer["results"]] == [contract.number for contract in contracts[:2]]
    services.edit_remarks(contract=contracts[0], remarks="again", by=actor)
    services.edit_remarks(contract=contracts[2], remarks="later", by=actor)
    rest = api.client.get(answer["next"]).json()["results"]
    following = [contracts[3], contracts[0]]
    assert [row["number"] for row in rest] == [contract.number for contract in following]


def test_from_a_time_up_to_another(api, actor):
    numbers = [draft(actor).number for _ in range(3)]
    times = [api.get(f"contracts/{number}/").json()["updated_at"] for number in numbers]
    assert changed(api, "contracts/", updated_from=times[1]) == numbers[1:]
    assert changed(api, "contracts/", updated_to=times[1]) == numbers[:1]
    assert changed(api, "contracts/", updated_from=times[1], updated_to=times[2]) == [numbers[1]]
    newest_first = api.get("contracts/", {"updated_from": times[1]}).json()["results"]
    assert [row["number"] for row in newest_first] == numbers[:0:-1]


def test_orders_too_and_of_all_accounts_for_integrators(api, integrator, actor):
    own = OrderFactory(account=actor.account)
    other = PaidOrderFactory()
    assert changed(api, "orders/") == [own.number]
    assert changed(integrator, "orders/") == [own.number, other.number]
    times = integrator.get("orders/", {"ordering": "updated_at"}).json()["results"][1]["updated_at"]
    assert changed(integrator, "orders/", updated_from=times) == [other.number]


@pytest.mark.parametrize(
    "parameters", [{"updated_from": "yesterday"}, {"updated_to": "2026-13-01"}, {"ordering": "number"}]
)
@pytest.mark.parametrize("path", ["contracts/", "orders/"])
def test_a_wrong_parameter_is_named(api, path, parameters):
    [name] = parameters
    assert problem(api.get(path, parameters), 400, "invalid")["errors"][0]["pointer"] == f"/{name}"


def test_an_unchanged_list_is_not_sent_again(api, actor):
    draft(actor)
    for path in ("contracts/", "orders/", "events/"):
        answer = api.get(path)
        again = api.client.get(f"/api/v1/{path}", headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path
    draft(actor)
    assert api.client.get("/api/v1/contracts/", headers={"If-None-Match": answer["ETag"]}).status_code == 200
