"""`manage.py explain NUMBER`: why a contract is as it is, and what would be needed now."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.settings import change_settings
from common.errors import Refused
from contracts.bulk.batches import create_batch, run_batches
from contracts.models import Batch, Contract, SealCheck
from contracts.operations.explain.log_file import MAX_ENTRIES, read_log
from contracts.services import convert_to_official, request_approval, request_void, void_draft
from contracts.tasks import settle_due
from orders.models import Order
from tests.factories import draft, member, official
from tests.lines import Lines
from tests.webhooks.receiving import due, endpoint_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def actor(issuer):
    return member()


def explain(contract: Contract, *options: str) -> str:
    output = StringIO()
    call_command("explain", contract.number, *options, stdout=output)
    return output.getvalue()


def now_of(text: str) -> str:
    return text.split("\nNow, ")[1]


def test_an_unknown_number_is_refused():
    with pytest.raises(CommandError, match="There is no contract EC1"):
        call_command("explain", "EC1")


def test_a_draft_that_nothing_hinders(actor):
    contract = draft(actor)
    text = explain(contract)
    assert f"user {actor.user_id} (page)" in text
    assert "Draft created" in text
    assert "It can be converted" in now_of(text)
    assert "does not lapse by time" in now_of(text)


def test_the_time_line_of_an_official_contract_has_its_seal_and_is_in_order(actor, clock):
    contract = draft(actor)
    clock.shift(MINUTE)
    convert_to_official(contract=contract, by=actor)
    clock.shift(MINUTE)
    request_void(contract=contract, reason="renamed", by=actor)
    text = explain(contract)
    places = [text.index(what) for what in ("Draft created", "The seal's key signed", "Converted to", "Void requested")]
    assert places == sorted(places)
    assert "the registered file" in text
    assert "It can" not in now_of(text)


def test_a_seal_whose_file_was_not_registered_is_told(actor, monkeypatch):
    contract = draft(actor)

    def full(*_given: object, **_named: object) -> None:
        raise Refused("storage_unavailable", "full")

    monkeypatch.setattr("contracts.services.convert.documents.store", full)
    with pytest.raises(Refused):
        convert_to_official(contract=contract, by=actor)
    assert "which was not registered" in explain(contract)


def test_an_order_that_was_cancelled_is_named_in_the_time_line_and_now(actor, clock):
    contract = draft(actor, type="payment_request")
    clock.shift(MINUTE)
    order = Order.objects.get(contract_lines__contract=contract)
    order.cancel(at=timezone.now())
    order.save()
    text = explain(contract)
    assert f"Order {order.number} was cancelled" in text
    assert "It is shown as invalid" in now_of(text)
    assert "the clock has yet to record that" in now_of(text)
    settle_due()
    text = explain(contract)
    assert "Became invalid" in text
    assert "yet to record" not in text


def test_an_order_that_changed_hinders_the_conversion(actor):
    contract = draft(actor)
    Order.objects.filter(contract_lines__contract=contract).update(quantity=77)
    assert "order_changed: " in now_of(explain(contract))


def test_when_it_lapses_is_told(actor, clock):
    contract = draft(actor, type="payment_request")
    clock.move_to(contract.expires_at - timedelta(hours=2))
    assert "in 2:00:00" in now_of(explain(contract))


def test_a_missing_approval_and_who_requested_it(actor):
    member("finance", actor.account)
    change_settings(approval_required_from={"CNY": "0.01"}, by=actor)
    contract = draft(actor)
    assert "approval_required: a member requests it" in now_of(explain(contract))
    request_approval(contract=contract, by=actor)
    text = explain(contract)
    assert "Approval requested" in text
    assert f"requested by user {actor.user_id}" in now_of(text)


def test_a_broken_seal_and_a_failing_job(actor):
    SealCheck.objects.create(checked_at=timezone.now(), broken=["The key is away."], warnings=[])
    assert "seal_unavailable: The key is away." in now_of(explain(draft(actor)))


def test_the_refusal_of_a_batch(actor):
    contract = draft(actor)
    create_batch(action=Batch.Action.CONVERT, numbers=[contract.number], by=actor)
    assert "waiting for a worker" in explain(contract)
    void_draft(contract=contract, by=actor)
    run_batches()
    assert ": failed: transition_not_allowed: " in explain(contract)


def test_webhooks_of_the_contract_and_of_no_other(actor):
    contract = draft(actor)
    endpoint = endpoint_of(actor.account)
    due(endpoint, contract.number)
    due(endpoint, "EC1", "contract.voided")
    text = explain(contract)
    assert f"to endpoint {endpoint.pk}: next attempt, after 0" in text
    assert "contract.voided" not in text


def test_around_a_time_entries_are_marked_and_the_status_is_told(actor, clock):
    contract = draft(actor)  # at 12:00 in Shanghai
    clock.shift(timedelta(hours=2))
    convert_to_official(contract=contract, by=actor)
    text = explain(contract, "--at", "2026-11-22T13:50")
    marked = [line for line in text.splitlines() if line.startswith(">")]
    assert any("Converted to" in line for line in marked)
    assert not any("Draft created" in line for line in marked)
    assert "At 2026-11-22 13:50:00+0800 it was shown as draft contract." in text
    assert "did not exist" in explain(contract, "--at", "2026-11-21T00:00:00+00:00")
    with pytest.raises(CommandError, match="ISO 8601"):
        explain(contract, "--at", "two o'clock")


def test_a_refused_request_is_found_in_the_log(actor, client, tmp_path, clock):
    contract = draft(actor)
    Order.objects.filter(contract_lines__contract=contract).update(quantity=77)
    client.force_login(get_user_model().objects.get(pk=actor.user_id))
    with Lines() as lines:
        client.post(f"/contracts/{contract.number}/convert/", {"consent": "on"})
    log = tmp_path / "web.log"
    log.write_text("no JSON\n" + "\n".join("web-1 | " + json.dumps(line) for line in lines.all))
    text = explain(contract, "--log", str(log))
    assert "POST /contracts/<str:number>/convert/" in text
    assert ": 409, refused: order_changed (request " in text
    with pytest.raises(CommandError, match="cannot be read"):
        explain(contract, "--log", str(tmp_path / "missing.log"))


def test_a_log_that_is_odd_or_long():
    line = {"time": "2026-11-22T04:03:00Z", "level": "info", "logger": "config.requests", "contract": "EC1"}
    odd = ["{EC1", '["EC1"]', json.dumps({**line, "time": "EC1"}), json.dumps({"contract": "EC1"}), json.dumps("EC1")]
    assert read_log(odd, "EC1", set()) == []
    assert read_log([json.dumps({**line, "contract": "EC12"})], "EC1", set()) == []
    assert len(read_log([json.dumps(line)] * (MAX_ENTRIES + 5), "EC1", set())) == MAX_ENTRIES


def test_the_task_of_a_request_is_found_by_its_id():
    at = "2026-11-22T04:03:00Z"
    request = {"time": at, "level": "info", "logger": "config.requests", "contract": "EC1", "request_id": "a" * 32}
    task = {"time": at, "level": "error", "logger": "config.tasks", "event": "task", "request_id": "a" * 32}
    other = {**task, "request_id": "b" * 32}
    [_request, entry] = read_log(map(json.dumps, (request, task, other)), "EC1", set())
    assert entry.what == "error: task"


def test_it_changes_nothing_and_takes_few_statements(actor, django_assert_max_num_queries):
    contract = official(actor, count=3)
    with django_assert_max_num_queries(28):
        explain(contract)
