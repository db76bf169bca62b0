"""The company's own archive reads all contracts with a token of its own, and does nothing else (R26)."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from accounts.access.actors import actor_of
from accounts.models import ApiToken, SecurityEvent
from contracts.services import request_void
from orders.services import cancel_unpaid
from tests.api.conformance import problem
from tests.api.test_who_may_call_what import EVERYBODY, MATRIX, World, call, everything
from tests.conftest import Api
from tests.factories import OrderFactory, UserFactory, draft, member, official
from tests.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26"), pytest.mark.usefixtures("clock", "issuer")]
CONTRACT = "/api/v1/contracts/{number}/"
READABLE = {
    "/api/v1/contracts/",
    CONTRACT,
    *(CONTRACT + part for part in ("void-tickets/", "document/", "data/", "evidence/", "void-certificate/")),
    "/api/v1/events/",
}


def with_scopes(*scopes: str, permissions=("integrate_contracts",)) -> Api:
    user = UserFactory()
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    api = Api()
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user, scopes=scopes)[1]}"
    return api


@pytest.fixture
def archive(db) -> Api:
    return with_scopes("contracts")


def test_it_reads_contracts_files_tickets_and_evidence_and_nothing_else(archive, membership, settings, subtests):
    world = World(membership, settings)
    others = {call_: statuses for call_, statuses in MATRIX.items() if "/webhooks/" not in call_[1]}
    for (method, path), statuses in others.items():
        with subtests.test(f"{method} {path}"), undone():
            world.prepare(method, path)
            before = list(everything())
            answer = call(archive, world, method, path, "archive")
            allowed = statuses == EVERYBODY or (method == "GET" and path in READABLE)
            if answer.streaming:
                b"".join(answer.streaming_content)  # which closes the file
            assert answer.status_code == (200 if allowed else 403), answer
            assert list(everything()) == before


def test_it_reads_those_of_all_accounts_or_of_one(archive):
    first, second = official(member()), draft(member())
    rows = archive.get("contracts/").json()["results"]
    assert [(row["number"], row["account"]) for row in rows] == [
        (contract.number, contract.account.number) for contract in (second, first)
    ]
    [row] = archive.get("contracts/", {"account": first.account.number}).json()["results"]
    assert row["number"] == first.number
    assert row["actions"] == ["preview", "download"]
    filters = {"status": "draft", "q": second.number, "applied_from": "2026-11-22", "type": "order"}
    assert [row["number"] for row in archive.get("contracts/", filters).json()["results"]] == [second.number]


def test_members_see_only_their_own_whatever_account_they_ask_for(api):
    other = draft(member())
    assert api.get("contracts/", {"account": other.account.number}).json()["results"] == []


def test_each_read_is_logged(archive, membership):
    contract = official(actor_of(membership, "api"))
    request_void(contract=contract, reason="wrong", by=actor_of(membership, "api"))
    paths = [
        "contracts/",
        *(f"contracts/{contract.number}/{part}" for part in ("", "document/", "data/", "void-tickets/")),
    ]
    for path in paths:
        answer = archive.get(path, {"q": "Zhang"} if path == "contracts/" else None)
        if answer.streaming:
            b"".join(answer.streaming_content)
    problem(archive.get("contracts/EC000000000000/"), 404, "not_found")
    logged = SecurityEvent.objects.filter(kind="records_read").order_by("pk")
    key = ApiToken.objects.get(user__in=logged.values("user")).token_key[:8]
    assert [event.detail for event in logged] == [f"token {key}, /api/v1/{path}" for path in paths]


def test_reads_of_members_are_not_logged(api, membership):
    contract = draft(actor_of(membership, "api"))
    api.get(f"contracts/{contract.number}/")
    assert not SecurityEvent.objects.filter(kind="records_read").exists()


def test_events_by_scope(archive, integrator, membership):
    draft(actor_of(membership, "api"))
    cancel_unpaid(order=OrderFactory(account=membership.account), by=actor_of(membership, "api"))
    both = with_scopes("contracts", "orders", permissions=("integrate_contracts", "integrate"))

    def types(reader: Api) -> list[str]:
        return [event["type"] for event in reader.get("events/").json()["results"]]

    assert types(archive) == ["contract.drafted"]
    assert types(integrator) == ["order.cancelled"]
    assert types(both) == ["contract.drafted", "order.cancelled"]


def test_a_scope_without_its_permission_allows_nothing():
    problem(with_scopes("contracts", permissions=("integrate",)).get("contracts/"), 403, "permission_denied")
    problem(with_scopes("orders", permissions=("integrate_contracts",)).get("contracts/"), 403, "permission_denied")


def test_the_operator_makes_such_a_token(capsys):
    user = UserFactory(username="archive")
    user.user_permissions.add(Permission.objects.get(codename="integrate_contracts"))
    call_command("create_api_token", "archive", "--scope", "contracts")
    api = Api()
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {capsys.readouterr().out.strip()}"
    assert api.get("contracts/").status_code == 200
    with pytest.raises(CommandError):
        call_command("create_api_token", "archive", "--scope", "orders")
