"""Who changes a contract or an order can say which state they have seen, and is refused when it is another by now."""

from decimal import Decimal

import pytest

from billing.models import LedgerEntry
from contracts import sealing
from contracts.models import Contract
from tests.conftest import Api
from tests.contracts.api.conformance import problem
from tests.contracts.api.test_feeding_orders import PATH, put
from tests.factories import MembershipFactory, OrderFactory, PaidOrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]


@pytest.fixture
def path(api, membership) -> str:
    number = api.apply("order", PaidOrderFactory(account=membership.account)).json()["number"]
    return f"contracts/{number}/"


def patch(api, path: str, remarks: str, **headers: str):
    return api.client.patch(f"/api/v1/{path}", {"remarks": remarks}, content_type="application/json", headers=headers)


def test_who_has_the_state_already_is_told_so(api, path):
    first = api.get(path)
    again = api.get(path, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert api.get(path, **{"If-None-Match": f'"other", W/{first["ETag"]}'}).status_code == 304
    patch(api, path, "changed")
    assert api.get(path, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_change_of_another_state_is_refused(api, path):
    seen = api.get(path)["ETag"]
    changed = patch(api, path, "first", **{"If-Match": seen})
    assert changed.status_code == 200
    problem(patch(api, path, "second", **{"If-Match": seen}), 412, "precondition_failed")
    for action in ("convert/", "void/"):
        problem(api.post(path + action, **{"If-Match": seen}), 412, "precondition_failed")
    contract = Contract.objects.get()
    assert (contract.remarks, contract.status) == ("first", "draft")
    official = api.post(path + "convert/", **{"If-Match": changed["ETag"]})
    assert official.json()["status"] == "official"
    assert official["ETag"] == api.get(path)["ETag"] != changed["ETag"]


def test_any_state_will_do_where_a_star_or_nothing_is_given(api, path):
    assert patch(api, path, "a", **{"If-Match": "*"}).status_code == 200
    assert patch(api, path, "b").status_code == 200


def test_a_draft_is_voided_as_it_was_seen(api, path):
    seen = api.get(path)["ETag"]
    assert api.post(path + "void/", **{"If-Match": seen}).json()["status"] == "voided"


def test_a_stale_state_is_told_only_to_those_whose_change_would_be_made(api, path, membership):
    """RFC 9110, 13.2.1: a precondition is judged after every other check."""
    seen = {"If-Match": api.get(path)["ETag"]}
    viewer = Api(MembershipFactory(account=membership.account, role="viewer"))
    problem(patch(viewer, path, "x", **{"If-Match": '"stale"'}), 403, "permission_denied")
    body = problem(patch(api, path, "x" * 201, **{"If-Match": '"stale"'}), 400, "invalid")
    assert body["errors"][0]["pointer"] == "/remarks"
    api.post(path + "convert/")
    for action in ("convert/", "void/"):
        problem(api.post(path + action, **seen), 409, "transition_not_allowed")
    problem(patch(api, path, "x", **seen), 412, "precondition_failed")


def test_a_conversion_that_is_refused_stores_no_file(api, path, files):
    before = sorted(files.rglob("*.pdf"))
    problem(api.post(path + "convert/", **{"If-Match": '"stale"'}), 412, "precondition_failed")
    assert sorted(files.rglob("*.pdf")) == before


def test_a_draft_that_changes_while_it_is_sealed_is_not_the_one_that_was_seen(api, path, monkeypatch):
    seen = api.get(path)["ETag"]
    seal = sealing.seal

    def slowly(content, **facts):
        Contract.objects.update(remarks="changed meanwhile")
        return seal(content, **facts)

    monkeypatch.setattr(sealing, "seal", slowly)
    problem(api.post(path + "convert/", **{"If-Match": seen}), 412, "precondition_failed")
    assert Contract.objects.get().status == "draft"


def test_an_order_is_created_only(integrator, order_json):
    assert put(integrator, PATH, order_json, **{"If-None-Match": "*"}).status_code == 201
    changed = order_json | {"region": "Beijing"}
    problem(put(integrator, PATH, changed, **{"If-None-Match": "*"}), 412, "precondition_failed")
    assert integrator.get(PATH).json()["region"] == "Shanghai"
    wrong = order_json | {"account": "none"}
    problem(put(integrator, PATH, wrong, **{"If-None-Match": "*"}), 400, "invalid")
    assert put(integrator, PATH, changed, **{"If-None-Match": '"other"'}).status_code == 200


def test_orders_are_written_as_they_were_seen(integrator, order_json):
    problem(put(integrator, PATH, order_json, **{"If-Match": '"any"'}), 412, "precondition_failed")
    seen = put(integrator, PATH, order_json)["ETag"]
    changed = put(integrator, PATH, order_json | {"region": "Beijing"}, **{"If-Match": seen})
    assert changed.status_code == 200
    problem(put(integrator, PATH, order_json, **{"If-Match": seen}), 412, "precondition_failed")
    assert integrator.get(PATH).json()["region"] == "Beijing"


def test_an_order_is_paid_and_cancelled_as_it_was_seen(api, integrator, membership):
    paid, recorded, cancelled = OrderFactory.create_batch(3, account=membership.account)
    LedgerEntry.objects.create(account=membership.account, amount=Decimal("9000.00"), booked_at=paid.ordered_at)
    calls = [
        (api, f"orders/{paid.number}/", "pay/", {}),
        (integrator, f"orders/{recorded.number}/", "pay/", {"paid_at": "2026-11-22T11:30:00+08:00"}),
        (api, f"orders/{cancelled.number}/", "cancel/", {}),
    ]
    for caller, path, action, body in calls:
        before = caller.get(path)
        problem(caller.post(path + action, body, **{"If-Match": '"stale"'}), 412, "precondition_failed")
        assert caller.get(path).json() == before.json()
        assert LedgerEntry.objects.count() == 1 + (path != calls[0][1])
        changed = caller.post(path + action, body, **{"If-Match": before["ETag"]})
        assert changed.status_code == 200
        assert changed["ETag"] == caller.get(path)["ETag"] != before["ETag"]


def test_the_state_of_an_order_is_judged_after_permission_body_and_status(api, membership):
    stale = {"If-Match": '"stale"'}
    path = f"orders/{OrderFactory(account=membership.account).number}/"
    viewer = Api(MembershipFactory(account=membership.account, role="viewer"))
    for action in ("pay/", "cancel/"):
        problem(viewer.post(path + action, **stale), 403, "permission_denied")
        problem(api.post(path + action, {"more": 1}, **stale), 400, "invalid")
    problem(api.post(path + "pay/", **stale), 409, "insufficient_balance")
    api.post(path + "cancel/")
    for action in ("pay/", "cancel/"):
        problem(api.post(path + action, **stale), 409, "transition_not_allowed")
