"""GET contracts/NUMBER/data/ returns the canonical JSON whose hash the trail recorded (R36)."""

import hashlib
import json

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts.access.actors import actor_of
from contracts.models import AuditEvent, Contract
from contracts.services import void_draft
from tests.api.conformance import problem
from tests.factories import draft, official
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R36"), pytest.mark.usefixtures("clock", "issuer")]


@pytest.fixture
def actor(membership):
    return actor_of(membership, "api")


def test_it_is_what_the_trail_recorded(api, actor):
    contract = official(actor, count=2, language="both")
    answer = api.get(f"contracts/{contract.number}/data/", Accept="application/pdf")
    sha256 = contract.events.get(kind="drafted").data["contract_json"]
    assert hashlib.sha256(answer.content).hexdigest() == sha256
    assert answer["ETag"] == f'"{sha256}"'
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/json", "private, no-store")
    assert answer["Content-Disposition"] == f'inline; filename="{contract.number}.json"'
    told = api.get(f"contracts/{contract.number}/").json()
    said = json.loads(answer.content)
    same = ("number", "type", "language", "currency", "total_amount", "party_a", "party_b", "remittance_account")
    assert {name: said[name] for name in (*same, "verification_code")} == {
        name: told[name] for name in (*same, "verification_code")
    }
    assert [order["number"] for order in said["orders"]] == told["order_numbers"]


def test_a_caller_who_has_it_gets_it_not_again(api, actor):
    path = f"contracts/{draft(actor).number}/data/"
    tag = api.get(path)["ETag"]
    with CaptureQueriesContext(connection) as captured:
        answer = api.get(path, **{"If-None-Match": tag})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert not any("snapshot" in query["sql"] for query in captured)
    problem(api.get(path, **{"If-Match": '"other"'}), 412, "precondition_failed")


@pytest.mark.rule("R18")
def test_a_voided_contract_has_none(api, actor):
    contract = void_draft(contract=draft(actor), by=actor)
    problem(api.get(f"contracts/{contract.number}/data/"), 410, "contract_voided")


@pytest.mark.parametrize("columns", [{"currency": "USD"}, {"language": "?"}])
def test_rows_that_were_changed_are_not_given_for_what_was_drafted(api, actor, columns):
    contract = draft(actor)
    with guards_lifted():
        Contract.objects.filter(pk=contract.pk).update(**columns)
    problem(api.get(f"contracts/{contract.number}/data/"), 503, "storage_unavailable")


def test_without_a_recorded_hash_there_is_nothing_to_give(api, actor):
    contract = draft(actor)
    with guards_lifted():
        models.QuerySet(AuditEvent).filter(contract=contract).update(data={})
    problem(api.get(f"contracts/{contract.number}/data/"), 503, "storage_unavailable")
