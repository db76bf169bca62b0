"""The API's calls, as another system uses them."""

import pytest

from contracts.models import Contract
from tests.api.conformance import problem
from tests.conftest import Api
from tests.factories import (
    MembershipFactory,
    OrderFactory,
    PaidOrderFactory,
    RemittanceAccountFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(membership):
    return membership.account


def test_from_order_to_sealed_contract(api, account):
    orders = [PaidOrderFactory(account=account) for _ in range(2)]
    answer = api.apply("order", *orders, remarks="for the archive", language="both")
    assert answer.status_code == 201
    drafted = answer.json()
    assert drafted["status"] == "draft"
    assert drafted["total_amount"] == "2161.00"
    assert drafted["order_numbers"] == [order.number for order in orders]
    assert drafted["actions"] == ["preview", "download", "convert", "void"]
    assert drafted["document"]["sealed"] is False
    assert drafted["party_a"]["name"] == account.certified_name
    assert drafted["remittance_account"] is None
    path = f"contracts/{drafted['number']}/"

    draft_file = api.get(path + "document/", Accept="application/pdf")
    assert (draft_file.status_code, draft_file["Content-Type"]) == (200, "application/pdf")
    assert len(draft_file.content) == drafted["document"]["size"]

    official = api.post(path + "convert/").json()
    assert (official["status"], official["document"]["sealed"]) == ("official", True)
    assert official["actions"] == ["preview", "download", "request_void"]
    assert api.get(path + "document/").content.startswith(draft_file.content)
    assert api.get(path).json() == official
    assert api.get("contracts/").json()["results"] == [official]


def test_times_carry_their_offset_and_amounts_are_strings(api, account):
    order = OrderFactory(account=account)
    row = api.get(f"orders/{order.number}/").json()
    assert row["payable_amount"] == row["unpaid_amount"] == "1080.50"
    assert row["ordered_at"].endswith(("Z", "+08:00", "+00:00"))


@pytest.mark.rule("R12")
def test_missing_details_are_named_by_pointer(issuer):
    membership = MembershipFactory()
    answer = Api(membership).apply("order", PaidOrderFactory(account=membership.account))
    body = problem(answer, 400, "invalid")
    assert [error["pointer"] for error in body["errors"]] == [
        "/party_a/address",
        "/party_a/contact",
        "/party_a/phone",
        "/party_a/email",
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"type": "rental", "order_numbers": ["A"]}, "/type"),
        ({"order_numbers": ["A"]}, "/type"),
        ({"type": "order", "order_numbers": "A"}, "/order_numbers"),
        ({"type": "order", "order_numbers": [["A"]]}, "/order_numbers/0"),
        ({"type": "order", "order_numbers": ["A\x00"]}, "/order_numbers/0"),
        ({"type": "order", "order_numbers": ["A"], "language": "fr"}, "/language"),
        ({"type": "order", "order_numbers": ["A"], "party_a": "Li"}, "/party_a"),
        ({"type": "order", "order_numbers": ["A"], "party_a": {"contact": ["Li"]}}, "/party_a/contact"),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_at_its_field(api, body, pointer):
    errors = problem(api.post("contracts/", body), 400, "invalid")["errors"]
    assert [error["pointer"] for error in errors] == [pointer]


@pytest.mark.rule("R7")
def test_an_order_already_held_names_its_contract(api, account):
    order = PaidOrderFactory(account=account)
    holder = api.apply("order", order).json()["number"]
    body = problem(api.apply("order", order), 409, "order_in_live_contract")
    assert body["errors"][0]["contract"] == holder


@pytest.mark.rule("R21")
def test_a_lapsed_contract_is_invalid_in_every_answer(api, account, clock):
    number = api.apply("payment_request", OrderFactory(account=account)).json()["number"]
    contract = Contract.objects.get(number=number)
    clock.move_to(contract.expires_at)
    row = api.get(f"contracts/{number}/").json()
    assert (row["status"], row["actions"]) == ("invalid", ["preview", "download", "reapply"])
    assert row["invalid_at"] == row["expires_at"]
    assert [r["number"] for r in api.get("contracts/", {"status": "invalid"}).json()["results"]] == [number]
    assert api.get("contracts/", {"status": "draft"}).json()["results"] == []
    problem(api.post(f"contracts/{number}/convert/"), 409, "contract_expired")
    problem(api.post(f"contracts/{number}/void/"), 409, "transition_not_allowed")
    assert api.get(f"contracts/{number}/document/").status_code == 200


@pytest.mark.rule("R18")
def test_a_voided_contract_has_no_document_any_more(api, account):
    number = api.apply("order", PaidOrderFactory(account=account)).json()["number"]
    voided = api.post(f"contracts/{number}/void/", {"reason": "wrong"}).json()
    assert (voided["status"], voided["document"], voided["actions"]) == ("voided", None, ["reapply"])
    problem(api.get(f"contracts/{number}/document/"), 410, "contract_voided")


def test_contracts_are_filtered_and_searched(api, account):
    orders = [PaidOrderFactory(account=account) for _ in range(2)]
    first = api.apply("order", orders[0], po_number="PO-7").json()["number"]
    second = api.apply("order", orders[1]).json()["number"]
    third = api.apply("payment_request", OrderFactory(account=account)).json()["number"]

    def found(**params):
        return [row["number"] for row in api.get("contracts/", params).json()["results"]]

    assert found() == [third, second, first]
    assert found(type="payment_request") == [third]
    assert found(order=orders[0].number) == found(q=orders[0].number) == [first]
    assert found(q=second[3:9].lower()) == [second]
    assert found(product=orders[1].product.code.lower()) == [second]
    assert found(po_number="po-7") == [first]
    assert found(applied_to="2020-01-01") == []
    assert found(page_size=2) == [third, second]
    page = api.get("contracts/", {"page_size": 2}).json()
    assert api.client.get(page["next"]).json()["results"][0]["number"] == first


@pytest.mark.rule("R17")
def test_remarks_are_edited_in_any_status(api, account):
    number = api.apply("order", PaidOrderFactory(account=account)).json()["number"]
    api.post(f"contracts/{number}/void/")
    assert api.patch(f"contracts/{number}/", {"remarks": "kept for Q4"}).json()["remarks"] == "kept for Q4"
    problem(api.patch(f"contracts/{number}/", {"remarks": "x" * 201}), 400, "invalid")
    problem(api.patch(f"contracts/{number}/", {}), 400, "invalid")


@pytest.mark.rule("R5")
def test_a_void_is_requested_by_ticket(api, account):
    number = api.apply("order", PaidOrderFactory(account=account)).json()["number"]
    problem(api.post(f"contracts/{number}/void-tickets/", {"reason": "x"}), 409, "transition_not_allowed")
    api.post(f"contracts/{number}/convert/")
    problem(api.post(f"contracts/{number}/void-tickets/"), 400, "invalid")
    ticket = api.post(f"contracts/{number}/void-tickets/", {"reason": "wrong tax number"})
    assert ticket.status_code == 201
    assert set(ticket.json()) == {"id", "status", "reason", "note", "opened_at", "decided_at"}
    problem(api.post(f"contracts/{number}/void-tickets/", {"reason": "again"}), 409, "ticket_already_open")
    assert api.get(f"contracts/{number}/void-tickets/").json() == [ticket.json()]


@pytest.mark.rule("R13")
def test_the_account_tells_its_certification_and_remittance_account(api, account):
    own = RemittanceAccountFactory(account=account)
    body = api.get("account/").json()
    assert (body["number"], body["certification"]) == (account.number, "enterprise")
    assert body["remittance_account"]["account_number"] == own.account_number
    assert body["balance"] == "0.00"


def test_the_same_idempotency_key_gets_the_same_answer_and_one_contract(api, account):
    orders = [PaidOrderFactory(account=account) for _ in range(2)]
    body = {"type": "order", "order_numbers": [orders[0].number]}
    problem(api.post("contracts/", {**body, "order_numbers": []}, **{"Idempotency-Key": "k1"}), 400, "no_orders")
    first = api.post("contracts/", body, **{"Idempotency-Key": "k1"})
    again = api.post("contracts/", body, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (201, first.json())
    other = {**body, "order_numbers": [orders[1].number]}
    problem(api.post("contracts/", other, **{"Idempotency-Key": "k1"}), 422, "idempotency_conflict")
    assert Contract.objects.count() == 1


def test_an_uncertified_account_is_told_so(issuer):
    membership = MembershipFactory(account__certification="none", account__certified_name="")
    order = PaidOrderFactory(account=membership.account)
    problem(Api(membership).apply("order", order), 403, "account_not_certified")


def test_a_missing_seal_is_a_503_and_the_draft_stays(api, account, settings):
    number = api.apply("order", PaidOrderFactory(account=account)).json()["number"]
    settings.SEAL_P12 = "/nowhere/seal.p12"
    away = api.post(f"contracts/{number}/convert/")
    problem(away, 503, "seal_unavailable")
    assert away["Retry-After"] == "30"
    assert api.get(f"contracts/{number}/").json()["status"] == "draft"
