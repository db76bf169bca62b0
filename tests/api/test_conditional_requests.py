"""Who changes a contract or an order can say which state they have seen, and is refused when it is another by now."""

import pytest

from contracts import sealing
from contracts.models import Contract
from tests.api.conformance import problem
from tests.api.test_feeding_orders import PATH, put
from tests.conftest import Api
from tests.factories import MembershipFactory, PaidOrderFactory

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
