"""The API's calls, as another system uses them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from billing.models import ApiToken
from contracts.models import Contract
from tests.conftest import Api
from tests.factories import (
    MembershipFactory,
    OrderFactory,
    PaidOrderFactory,
    ProductFactory,
    RemittanceAccountFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def problem(answer, status, code):
    """The problem details of an answer, after checking that they are well formed (RFC 9457)."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"]
    return body


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


def test_broken_json_and_other_media_types_are_problems_too(api):
    post = api.client.post
    problem(post("/api/v1/contracts/", "{", content_type="application/json"), 400, "invalid")
    problem(post("/api/v1/contracts/", "[]", content_type="application/json"), 400, "invalid")
    problem(post("/api/v1/contracts/", "type=order", content_type="text/plain"), 415, "unsupported_media_type")
    problem(api.client.delete("/api/v1/contracts/"), 405, "method_not_allowed")
    problem(api.get("no/such/thing/"), 404, "not_found")


@pytest.mark.parametrize("header", ["Token nonsense", "Token \xff\xfe", "Token", "Bearer x"])
def test_without_a_good_token_nothing_is_answered(db, client, header):
    answer = client.get("/api/v1/contracts/", headers={"Authorization": header})
    assert "Token" in answer["WWW-Authenticate"]
    problem(answer, 401, "not_authenticated")


@pytest.mark.rule("R7")
def test_an_order_already_held_names_its_contract(api, account):
    order = PaidOrderFactory(account=account)
    holder = api.apply("order", order).json()["number"]
    body = problem(api.apply("order", order), 409, "order_in_live_contract")
    assert body["errors"][0]["contract"] == holder


@pytest.mark.rule("R8")
def test_orders_tell_whether_they_may_be_picked_and_why_not(api, account):
    free, held = PaidOrderFactory(account=account), PaidOrderFactory(account=account)
    barred = PaidOrderFactory(account=account, product=ProductFactory(supports_contracts=False))
    OrderFactory(account=account)  # unpaid: no row for an order contract
    holder = api.apply("order", held).json()["number"]
    rows = {row["number"]: row for row in api.get("orders/", {"eligible_for": "order"}).json()["results"]}
    assert set(rows) == {free.number, held.number, barred.number}
    assert (rows[free.number]["eligible"], rows[free.number]["reason"]) == (True, None)
    assert rows[barred.number]["reason"]["code"] == "product_not_supported"
    reason = rows[held.number]["reason"]
    assert (reason["code"], reason["contract"]) == ("order_in_live_contract", holder)


@pytest.mark.rule("R9")
def test_orders_are_filtered_by_day_of_payment_or_of_ordering(api, account, clock):
    paid = PaidOrderFactory(account=account)  # ordered 11:00, paid 11:30 on the 22nd in Shanghai
    paid.ordered_at -= timedelta(days=2)
    paid.save()
    day = {"from": "2026-11-22", "to": "2026-11-22"}
    assert len(api.get("orders/", {"eligible_for": "order", **day}).json()["results"]) == 1
    assert api.get("orders/", day).json()["results"] == []
    body = problem(api.get("orders/", {"from": "22.11.2026"}), 400, "invalid")
    assert body["errors"][0]["pointer"] == "/from"
    problem(api.get("orders/", {"eligible_for": "rental"}), 400, "invalid")


@pytest.mark.rule("R10")
def test_an_overdue_order_is_cancelled_to_everyone_before_the_clock_comes(api, account, clock):
    order = OrderFactory(account=account)
    clock.move_to(order.payment_deadline)
    row = api.get(f"orders/{order.number}/").json()
    assert (row["status"], row["unpaid_amount"]) == ("cancelled", "0.00")
    assert api.get("orders/", {"eligible_for": "payment_request"}).json()["results"] == []
    assert len(api.get("orders/", {"status": "cancelled"}).json()["results"]) == 1


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
    first, second = (api.apply("order", order).json()["number"] for order in orders)
    third = api.apply("payment_request", OrderFactory(account=account)).json()["number"]

    def found(**params):
        return [row["number"] for row in api.get("contracts/", params).json()["results"]]

    assert found() == [third, second, first]
    assert found(type="payment_request") == [third]
    assert found(order=orders[0].number) == found(q=orders[0].number) == [first]
    assert found(q=second[3:9].lower()) == [second]
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


@pytest.mark.rule("R26")
def test_another_accounts_things_are_not_found(api, account, issuer):
    mine = api.apply("order", PaidOrderFactory(account=account)).json()
    stranger = Api(MembershipFactory())
    number = mine["number"]
    assert stranger.get("contracts/").json()["results"] == stranger.get("orders/").json()["results"] == []
    for path in ("", "document/", "void-tickets/"):
        problem(stranger.get(f"contracts/{number}/{path}"), 404, "not_found")
    for path in ("convert/", "void/", "void-tickets/"):
        problem(stranger.post(f"contracts/{number}/{path}"), 404, "not_found")
    problem(stranger.patch(f"contracts/{number}/", {"remarks": "mine"}), 404, "not_found")
    problem(stranger.get(f"orders/{mine['order_numbers'][0]}/"), 404, "not_found")


@pytest.mark.rule("R26")
def test_viewers_read_and_change_nothing(api, account):
    number = api.apply("order", PaidOrderFactory(account=account)).json()["number"]
    viewer = Api(MembershipFactory(account=account, role="viewer"))
    assert viewer.get(f"contracts/{number}/").json()["actions"] == ["preview", "download"]
    assert viewer.get(f"contracts/{number}/document/").status_code == 200
    problem(viewer.apply("order", PaidOrderFactory(account=account)), 403, "permission_denied")
    for path in ("convert/", "void/"):
        problem(viewer.post(f"contracts/{number}/{path}"), 403, "permission_denied")
    problem(viewer.post(f"contracts/{number}/void-tickets/", {"reason": "x"}), 403, "permission_denied")
    problem(viewer.patch(f"contracts/{number}/", {"remarks": "mine"}), 403, "permission_denied")


@pytest.mark.rule("R26")
def test_integrators_read_the_orders_of_all_and_nothing_else(issuer):
    orders = [OrderFactory(), OrderFactory()]
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    integrator = Api()
    integrator.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user)[1]}"
    assert {row["number"] for row in integrator.get("orders/").json()["results"]} == {o.number for o in orders}
    for path in ("contracts/", "account/"):
        problem(integrator.get(path), 403, "permission_denied")


@pytest.mark.rule("R26")
def test_a_token_without_account_or_right_sees_nothing(db):
    nobody = Api()
    nobody.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(UserFactory())[1]}"
    for path in ("orders/", "contracts/", "account/"):
        problem(nobody.get(path), 403, "permission_denied")


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
