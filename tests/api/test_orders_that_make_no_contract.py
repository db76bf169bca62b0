"""Orders that can never be printed, or that come to nothing, are named before a contract is asked for."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.access.actors import actor_of
from common.errors import Refused
from contracts.eligibility import find_order_faults
from contracts.models import Contract
from contracts.services import apply_for_contract
from contracts.types import ORDER, PAYMENT_REQUEST
from tests.contracts.pages.conftest import signed_in
from tests.factories import OrderFactory, PaidOrderFactory
from tests.orders.sheets import UNPAID, run, sheet

pytestmark = pytest.mark.django_db
ROCKET = "2 vCPU \U0001f680"


@pytest.fixture
def free(membership):
    return OrderFactory(account=membership.account, list_amount=10, payable_amount=0)


@pytest.mark.rule("R28")
def test_the_picker_bars_an_order_that_cannot_be_printed_and_says_why(membership, api, clock):
    odd = PaidOrderFactory(account=membership.account, configuration=ROCKET)
    rare = PaidOrderFactory(account=membership.account, configuration="云服务器，2 核")
    faults = find_order_faults([odd, rare], ORDER, now=timezone.now())
    assert faults[rare.pk] is None
    assert faults[odd.pk].code == "unprintable_characters"
    assert "U+1F680" in faults[odd.pk].detail
    page = signed_in(membership).get(reverse("contract-apply", args=["order"]))
    assert faults[odd.pk].detail in page.text
    rows = {row["number"]: row for row in api.get("orders/", {"eligible_for": "order"}).json()["results"]}
    assert (rows[odd.number]["eligible"], rows[rare.number]["eligible"]) == (False, True)
    assert rows[odd.number]["reason"]["code"] == "unprintable_characters"


@pytest.mark.rule("R28")
def test_a_fed_order_that_cannot_be_printed_is_written_with_a_warning(integrator, order_json):
    odd = {**order_json, "number": "FO2", "configuration": ROCKET}
    results = integrator.post("orders/import/", {"orders": [{**order_json, "number": "FO1"}, odd]}).json()["results"]
    assert [result["outcome"] for result in results] == ["created", "created"]
    assert results[0]["warnings"] == []
    [warning] = results[1]["warnings"]
    assert (warning["code"], warning["pointer"]) == ("unprintable_characters", "/orders/1/configuration")
    assert "U+1F680" in warning["detail"]


@pytest.mark.rule("R28")
def test_an_imported_file_names_the_line(tmp_path, capsys, membership):
    row = UNPAID | {"account": membership.account.number}
    run(sheet(tmp_path, row, row | {"number": "FO2", "region": "\U0001f3d9"}))
    printed = capsys.readouterr()
    assert "2 created" in printed.out
    assert printed.err.startswith("Warning: line 3, region: ")
    assert "U+1F3D9" in printed.err


def test_a_payment_request_over_nothing_is_refused(membership, free, clock):
    actor = actor_of(membership, "page")
    with pytest.raises(Refused) as caught:
        apply_for_contract(type="payment_request", order_numbers=[free.number], by=actor)
    assert (caught.value.code, caught.value.faults[0].pointer) == ("invalid", "/order_numbers")
    assert "CNY 0.00" in caught.value.detail
    assert not Contract.objects.exists()


def test_a_free_order_beside_others_and_a_free_order_contract_are_no_fault(membership, free, clock):
    actor = actor_of(membership, "page")
    other = OrderFactory(account=membership.account)
    numbers = [free.number, other.number]
    assert apply_for_contract(type="payment_request", order_numbers=numbers, by=actor).order_count == 2
    paid = PaidOrderFactory(account=membership.account, list_amount=10, payable_amount=0)
    assert apply_for_contract(type="order", order_numbers=[paid.number], by=actor).total_amount == 0


def test_the_pickers_next_says_so(membership, free, clock):
    client = signed_in(membership)
    address = reverse("contract-apply", args=["payment_request"])
    answer = client.post(address, {"shown": free.number, "order_numbers": free.number, "next": ""}, follow=True)
    assert PAYMENT_REQUEST.refusal_of([free]) in answer.text
    assert answer.redirect_chain[-1][0].startswith(address)


def test_the_api_refuses_it(api, free, clock):
    answer = api.apply("payment_request", free)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
