"""Approval of conversions by the API (R44)."""

import pytest

from contracts.models import Contract
from tests.conftest import Api
from tests.factories import MembershipFactory, PaidOrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R44"), pytest.mark.usefixtures("issuer")]


@pytest.fixture
def finance(membership) -> Api:
    return Api(MembershipFactory(account=membership.account, role="finance"))


@pytest.fixture
def number(api, finance, membership) -> str:
    """A draft of an account in which every conversion needs approval."""
    answer = api.patch("account/", {"approval_required_from": {"CNY": "0.01"}})
    assert answer.json()["approval_required_from"] == {"CNY": "0.01"}
    return finance.apply("order", PaidOrderFactory(account=membership.account)).json()["number"]


def test_from_the_request_to_the_official_contract(api, finance, number):
    draft = finance.get(f"contracts/{number}/").json()
    assert (draft["approval"], draft["actions"]) == (None, ["preview", "download", "request_approval", "void"])
    refused = finance.post(f"contracts/{number}/convert/")
    assert (refused.status_code, refused.json()["code"]) == (409, "approval_required")

    requested = finance.post(f"contracts/{number}/approval/", {"note": "For Q4"})
    assert requested.status_code == 201
    approval = requested.json()["approval"]
    assert (approval["status"], approval["note"], approval["decided_by"]) == ("requested", "For Q4", None)
    assert "decide_approval" not in requested.json()["actions"]
    assert "decide_approval" in api.get(f"contracts/{number}/").json()["actions"]

    decided = api.post(f"contracts/{number}/approval/decision/", {"decision": "approve", "note": "fine"})
    assert decided.status_code == 200
    assert decided.json()["status"] == "official"
    assert decided.json()["approval"]["status"] == "approved"
    assert decided.json()["approval"]["note"] == "fine"


def test_a_rejected_draft_stays_and_says_why(api, finance, number):
    finance.post(f"contracts/{number}/approval/")
    without_note = api.post(f"contracts/{number}/approval/decision/", {"decision": "reject"})
    assert (without_note.status_code, without_note.json()["errors"][0]["pointer"]) == (400, "/note")
    rejected = api.post(f"contracts/{number}/approval/decision/", {"decision": "reject", "note": "wrong orders"}).json()
    assert (rejected["status"], rejected["approval"]["status"]) == ("draft", "rejected")
    assert "request_approval" in rejected["actions"]


def test_the_requester_withdraws(finance, number):
    finance.post(f"contracts/{number}/approval/")
    withdrawn = finance.client.delete(f"/api/v1/contracts/{number}/approval/")
    assert withdrawn.json()["approval"]["status"] == "withdrawn"
    again = finance.client.delete(f"/api/v1/contracts/{number}/approval/")
    assert (again.status_code, again.json()["code"]) == (409, "transition_not_allowed")


@pytest.mark.parametrize(
    "body", [{}, {"decision": "maybe"}, {"decision": "approve", "note": "x" * 501}, {"decision": "approve", "why": ""}]
)
def test_a_wrong_decision_decides_nothing(api, finance, number, body):
    finance.post(f"contracts/{number}/approval/")
    assert api.post(f"contracts/{number}/approval/decision/", body).status_code == 400
    assert Contract.objects.get(number=number).status == "draft"


def test_a_batch_converts_nothing_that_needs_approval(finance, number):
    batch = finance.post("contracts/batches/", {"action": "convert", "numbers": [number]}).json()
    done = finance.get(f"contracts/batches/{batch['id']}/").json()
    assert Contract.objects.get(number=number).status == "draft"
    assert done["results"][0]["outcome"] in ("waiting", "failed")


@pytest.mark.parametrize("never", [None, {}])
def test_never_again(api, number, never):
    assert api.patch("account/", {"approval_required_from": never}).json()["approval_required_from"] == {}
    assert api.post(f"contracts/{number}/convert/").json()["status"] == "official"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"CNY": "-1"}, "/approval_required_from/CNY"),
        ({"XXX": "1"}, "/approval_required_from/XXX"),
        ({"CNY": 1}, "/approval_required_from/CNY"),
        ("never", "/approval_required_from"),
        ({f"A{n:02}": "1" for n in range(21)}, "/approval_required_from"),
    ],
)
def test_wrong_thresholds_point_into_the_body(api, finance, given, pointer):
    answer = api.patch("account/", {"approval_required_from": given})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
