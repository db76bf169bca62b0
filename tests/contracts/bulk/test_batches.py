"""Batches: the single action over many contracts (R42)."""

import pytest
from django.db import OperationalError

from accounts.access.actors import actor_of
from common.errors import Refused
from contracts import services
from contracts.bulk import batches
from contracts.bulk.batches import create_batch, run_due_batches
from contracts.models import Batch, BatchItem, Contract
from tests import factories

pytestmark = pytest.mark.rule("R42")

CONVERT, VOID = Batch.Action.CONVERT, Batch.Action.VOID


@pytest.fixture
def by(membership):
    return actor_of(membership, "page")


def statuses(contracts) -> list[str]:
    return [Contract.objects.get(pk=contract.pk).status for contract in contracts]


def run_all() -> None:
    while run_due_batches().attempted:
        pass


def outcomes(batch: Batch) -> list[tuple[str, str]]:
    return list(batch.items.values_list("outcome", "code"))


def test_a_batch_converts_each_contract(draft, by):
    contracts = [draft() for _ in range(2)]
    batch = create_batch(action=CONVERT, numbers=[one.number for one in contracts], by=by)

    run_all()

    assert statuses(contracts) == ["official", "official"]
    assert outcomes(batch) == [("done", "")] * 2
    batch.refresh_from_db()
    assert batch.finished_at is not None


def test_a_batch_voids_each_draft_with_its_reason(draft, by):
    contracts = [draft() for _ in range(2)]
    create_batch(action=VOID, numbers=[one.number for one in contracts], by=by, reason="Wrong month")

    run_all()

    assert statuses(contracts) == ["voided", "voided"]
    assert {Contract.objects.get(pk=one.pk).void_reason for one in contracts} == {"Wrong month"}


def test_a_contract_that_changed_meanwhile_fails_alone(draft, by):
    first, second = draft(), draft()
    batch = create_batch(action=CONVERT, numbers=[first.number, second.number], by=by)
    services.void_draft(contract=first, by=by)

    run_all()

    assert statuses([first, second]) == ["voided", "official"]
    assert outcomes(batch) == [("failed", "transition_not_allowed"), ("done", "")]


def test_an_error_of_one_contract_stops_no_other(draft, by, monkeypatch):
    first, second = draft(), draft()
    batch = create_batch(action=VOID, numbers=[first.number, second.number], by=by)
    void = services.void_draft

    def break_one(*, contract, **given):
        if contract == first:
            raise ZeroDivisionError
        return void(contract=contract, **given)

    monkeypatch.setattr(services, "void_draft", break_one)
    run_all()

    assert outcomes(batch) == [("failed", "internal_error"), ("done", "")]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_interrupted_batch_resumes_and_converts_once(draft, by, monkeypatch, moment):
    contracts = [draft() for _ in range(3)]
    batch = create_batch(action=CONVERT, numbers=[one.number for one in contracts], by=by)
    calls = []

    class Killed(BaseException):
        pass

    def convert(*, contract, **given):
        calls.append(contract.number)
        if moment == "before" and len(calls) == 2:
            raise Killed
        done = services.convert.convert_to_official(contract=contract, **given)
        if len(calls) == 2:
            raise Killed
        return done

    with monkeypatch.context() as patch:
        patch.setattr(services, "convert_to_official", convert)
        with pytest.raises(Killed):
            run_due_batches()
    run_all()

    assert statuses(contracts) == ["official"] * 3
    assert outcomes(batch) == [("done", "")] * 3
    assert [contract.documents.filter(kind="official").count() for contract in contracts] == [1, 1, 1]


@pytest.mark.parametrize("refused", ["before", "after"])
def test_of_two_workers_at_one_contract_the_one_that_did_it_counts(draft, by, monkeypatch, refused):
    """The other is refused temporarily, and its outcome is recorded before or after."""
    contract = draft()
    batch = create_batch(action=VOID, numbers=[contract.number], by=by)
    void = services.void_draft

    def refuse(**_given: object) -> None:
        raise Refused("storage_unavailable", "Try again shortly.")

    first, second = (void, refuse) if refused == "before" else (refuse, void)

    def meanwhile_another_does_it(**given):
        monkeypatch.setattr(services, "void_draft", second)
        run_due_batches()
        return first(**given)

    monkeypatch.setattr(batches, "_is_already_done", lambda _item: False)  # not yet committed when it was looked up
    monkeypatch.setattr(services, "void_draft", meanwhile_another_does_it)
    run_due_batches()

    assert statuses([contract]) == ["voided"]
    assert outcomes(batch) == [("done", "")]


def test_a_contract_that_was_official_before_is_not_reported_done(official, by):
    batch = create_batch(action=CONVERT, numbers=[official.number], by=by)

    run_all()

    assert outcomes(batch) == [("failed", "transition_not_allowed")]


@pytest.mark.rule("R26")
def test_who_lost_the_role_since_acts_no_more(draft, membership, by):
    contract = draft()
    batch = create_batch(action=CONVERT, numbers=[contract.number], by=by)
    membership.role = "viewer"
    membership.save()

    run_all()

    assert statuses([contract]) == ["draft"]
    assert outcomes(batch) == [("failed", "permission_denied")]


def test_the_oldest_batch_comes_first(draft, by, monkeypatch):
    monkeypatch.setattr(batches, "ITEMS_A_TURN", 1)
    contracts = [draft() for _ in range(2)]
    for contract in contracts:
        create_batch(action=VOID, numbers=[contract.number], by=by)

    run_due_batches()

    assert statuses(contracts) == ["voided", "draft"]


def test_an_account_has_only_so_many_batches_at_a_time(api, draft, monkeypatch):
    monkeypatch.setattr(batches, "MAX_UNFINISHED", 1)
    given = {"action": "void", "numbers": [draft().number]}

    assert api.post("contracts/batches/", given).status_code == 202
    assert api.post("contracts/batches/", given).status_code == 429


def test_a_turn_lets_other_work_through(draft, by, monkeypatch):
    monkeypatch.setattr(batches, "ITEMS_A_TURN", 1)
    contracts = [draft() for _ in range(2)]
    create_batch(action=VOID, numbers=[one.number for one in contracts], by=by)

    run_due_batches()

    assert statuses(contracts) == ["voided", "draft"]


def test_the_api_starts_a_batch_and_tells_its_results(api, draft):
    first, second = draft(), draft()

    answer = api.post("contracts/batches/", {"action": "void", "numbers": [first.number, second.number]})
    assert answer.status_code == 202
    started = answer.json()
    assert (started["status"], started["total"], started["done"]) == ("running", 2, 0)
    services.convert_to_official(
        contract=second, by=actor_of(factories.MembershipFactory(account=first.account), "page")
    )
    run_all()

    ended = api.get(f"contracts/batches/{started['id']}/").json()
    assert (ended["status"], ended["done"], ended["failed"]) == ("finished", 1, 1)
    done, failed = ended["results"]
    assert done == {"number": first.number, "outcome": "done", "code": "", "detail": ""}
    assert (failed["number"], failed["outcome"], failed["code"]) == (second.number, "failed", "transition_not_allowed")
    assert second.number in failed["detail"]


def test_a_batch_that_is_sent_twice_is_started_once(api, draft):
    given = {"action": "void", "numbers": [draft().number]}

    answers = [api.post("contracts/batches/", given, **{"Idempotency-Key": "one"}) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Batch.objects.count() == 1


def test_unknown_and_foreign_numbers_are_each_refused_and_nothing_begins(api, draft, issuer):
    foreign = factories.draft(factories.member())

    answer = api.post("contracts/batches/", {"action": "void", "numbers": [draft().number, "ECNONE", foreign.number]})

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/numbers/1", "/numbers/2"]
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "given", [{"numbers": []}, {"numbers": ["EC1"] * 201}, {"action": "burn", "numbers": ["EC1"]}, {}]
)
def test_a_batch_that_cannot_be_is_refused(api, given):
    assert api.post("contracts/batches/", {"action": "void", **given}).status_code == 400
    assert not BatchItem.objects.exists()


@pytest.mark.rule("R26")
def test_another_accounts_batch_is_not_found(api, draft, by, stranger):
    foreign = factories.member()
    batch = create_batch(action=VOID, numbers=[factories.draft(foreign).number], by=foreign)

    assert api.get(f"contracts/batches/{batch.pk}/").status_code == 404
    own = create_batch(action=VOID, numbers=[draft().number], by=by)
    assert stranger.get(f"/contracts/batches/{own.pk}/").status_code == 404


class Killed(BaseException):
    """The worker is killed, for example by lack of memory."""


def kill(*_given: object) -> None:
    raise Killed


def killed_turn() -> None:
    with pytest.raises(Killed):
        run_due_batches()


def test_a_contract_that_kills_its_worker_three_times_fails_and_the_others_go_on(draft, by, monkeypatch):
    deadly, other = draft(), draft()
    batch = create_batch(action=CONVERT, numbers=[deadly.number, other.number], by=by)
    with monkeypatch.context() as patch:
        patch.setitem(batches.ACTIONS, CONVERT, kill)
        for _ in range(batches.MAX_ATTEMPTS):
            killed_turn()

    run_all()

    assert outcomes(batch) == [("failed", "interrupted"), ("done", "")]
    assert statuses([deadly, other]) == ["draft", "official"]
    batch.refresh_from_db()
    assert batch.finished_at is not None


def test_a_contract_that_was_converted_before_the_third_kill_is_done(draft, by, monkeypatch):
    deadly = draft()
    batch = create_batch(action=CONVERT, numbers=[deadly.number], by=by)

    def convert_and_die(item, actor):
        services.convert_to_official(contract=item.contract, by=actor)
        kill()

    with monkeypatch.context() as patch:
        patch.setitem(batches.ACTIONS, CONVERT, kill)
        killed_turn()
        killed_turn()
        patch.setitem(batches.ACTIONS, CONVERT, convert_and_die)
        killed_turn()

    run_all()

    assert outcomes(batch) == [("done", "")]


def test_an_outage_of_the_database_is_not_counted(draft, by, monkeypatch):
    contract = draft()
    batch = create_batch(action=CONVERT, numbers=[contract.number], by=by)

    def fail(*_given: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setitem(batches.ACTIONS, CONVERT, fail)
        for _ in range(batches.MAX_ATTEMPTS + 1):
            with pytest.raises(OperationalError):
                run_due_batches()
    run_all()
    assert outcomes(batch) == [("done", "")]
