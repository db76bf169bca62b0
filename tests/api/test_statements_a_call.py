"""How many SQL statements each call of the API takes, however many rows there are."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.actors import actor_of
from contracts.documents import files as documents
from contracts.seal_keys import pin_seal_key
from contracts.services import convert_to_official, reject_void, request_void
from tests.api.conformance import schema
from tests.api.test_who_may_call_what import World
from tests.factories import OrderFactory, PaidOrderFactory, draft, staff
from tests.undone import undone
from webhooks import endpoints

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
MOST_TO_LIST = 8
# One of each is to know whose the token is. A transaction within the test's own takes two: SAVEPOINT and RELEASE.
STATEMENTS = {
    ("GET", "/api/v1/account/"): 3,
    ("PATCH", "/api/v1/account/"): 9,
    ("GET", "/api/v1/accounts/"): 4,
    ("POST", "/api/v1/accounts/"): 19,
    ("POST", "/api/v1/accounts/import/"): 16,
    ("GET", "/api/v1/accounts/{number}/"): 4,
    ("PATCH", "/api/v1/accounts/{number}/"): 16,
    ("GET", "/api/v1/accounts/{number}/members/"): 5,
    ("POST", "/api/v1/accounts/{number}/members/"): 18,
    ("PATCH", "/api/v1/accounts/{number}/members/{username}/"): 13,
    ("DELETE", "/api/v1/accounts/{number}/members/{username}/"): 14,
    ("GET", "/api/v1/contracts/"): 6,  # whatever the number of rows, as in all lists
    ("POST", "/api/v1/contracts/"): 21,  # 16 to apply (two of them the transaction), and the contract is read
    ("GET", "/api/v1/contracts/export/"): 6,
    ("GET", "/api/v1/contracts/download/"): 5,
    ("POST", "/api/v1/contracts/batches/"): 11,
    ("GET", "/api/v1/contracts/batches/{id}/"): 4,
    ("GET", "/api/v1/exports/{id}/"): 2,
    ("GET", "/api/v1/exports/{id}/file/"): 2,
    ("GET", "/api/v1/contracts/{number}/"): 5,
    ("PATCH", "/api/v1/contracts/{number}/"): 16,
    ("POST", "/api/v1/contracts/{number}/convert/"): 28,  # one is for the seal's key, until the process knows it pinned
    ("POST", "/api/v1/contracts/{number}/approval/"): 22,
    ("DELETE", "/api/v1/contracts/{number}/approval/"): 23,
    ("POST", "/api/v1/contracts/{number}/approval/decision/"): 40,
    ("POST", "/api/v1/contracts/{number}/void/"): 19,
    ("GET", "/api/v1/contracts/{number}/void-tickets/"): 4,
    ("POST", "/api/v1/contracts/{number}/void-tickets/"): 16,
    ("GET", "/api/v1/contracts/{number}/document/"): 3,
    ("GET", "/api/v1/contracts/{number}/data/"): 7,
    ("GET", "/api/v1/contracts/{number}/evidence/"): 21,  # the first time, when it is signed
    ("GET", "/api/v1/contracts/{number}/void-certificate/"): 3,
    ("GET", "/api/v1/orders/"): 3,
    ("POST", "/api/v1/orders/import/"): 9,
    ("GET", "/api/v1/orders/{number}/"): 3,
    ("PUT", "/api/v1/orders/{number}/"): 13,
    ("POST", "/api/v1/orders/{number}/pay/"): 14,
    ("POST", "/api/v1/orders/{number}/cancel/"): 14,
    ("GET", "/api/v1/events/"): 5,
    ("GET", "/api/v1/verify/{code}/"): 2,
    ("POST", "/api/v1/verify/"): 2,
    ("GET", "/api/v1/webhooks/"): 4,
    ("POST", "/api/v1/webhooks/"): 9,
    ("GET", "/api/v1/webhooks/{id}/"): 4,
    ("PATCH", "/api/v1/webhooks/{id}/"): 9,
    ("DELETE", "/api/v1/webhooks/{id}/"): 7,
    ("POST", "/api/v1/webhooks/{id}/rotate-secret/"): 9,
    ("POST", "/api/v1/webhooks/{id}/test/"): 8,
    ("POST", "/api/v1/webhooks/{id}/redeliver/"): 6,
    ("GET", "/api/v1/webhooks/{id}/deliveries/"): 4,
    ("POST", "/api/v1/webhooks/{id}/deliveries/{delivery_pk}/redeliver/"): 10,
}
INTEGRATORS = {
    ("POST", "/api/v1/orders/import/"),
    ("PUT", "/api/v1/orders/{number}/"),
    ("POST", "/api/v1/orders/{number}/pay/"),
    *(call for call in STATEMENTS if "/accounts/" in call[1]),
}


def test_every_call_is_counted():
    calls = {(method.upper(), path) for path, item in schema()["paths"].items() for method in item}
    assert set(STATEMENTS) == calls


def test_no_list_takes_more_than_it_may():
    lists = {
        path
        for path, item in schema()["paths"].items()
        if "get" in item and item["get"]["operationId"].startswith("list_")
    }
    assert {path for path in lists if STATEMENTS["GET", path] > MOST_TO_LIST} == set()


class Full(World):
    """As much more of everything as may be: what each call is about stays the same."""

    def __init__(self, membership, settings) -> None:
        super().__init__(membership, settings)
        actor = actor_of(membership, "api")
        for i in range(4):
            endpoints.create_endpoint(url=f"https://127.0.0.1:9/{i}", by=actor)
        for _ in range(6):
            OrderFactory(account=membership.account)
            PaidOrderFactory(account=membership.account)
            contract = convert_to_official(contract=draft(actor, count=3), by=actor)
            reject_void(ticket=request_void(contract=contract, reason="wrong", by=actor), note="right", by=staff())


@pytest.mark.parametrize("kind", [World, Full])
def test_a_call_takes_as_many_as_it_is_held_to(api, integrator, membership, settings, subtests, kind):
    world = kind(membership, settings)
    pin_seal_key()
    for (method, path), statements in STATEMENTS.items():
        caller = integrator if (method, path) in INTEGRATORS else api
        with subtests.test(f"{method} {path}"), undone():
            world.prepare(method, path)
            caller.get("account/")  # takes down that the token was used, once a minute
            file = documents.read(documents.current(world.contract)) if "verify" in path else b""
            with CaptureQueriesContext(connection) as captured:
                answer = call(caller, world, method, path, file)
                if answer.streaming:
                    b"".join(answer.streaming_content)
            assert answer.status_code < 300, answer
            said = "\n".join(query["sql"][:160] for query in captured)
            assert len(captured) == statements, f"{len(captured)}:\n{said}"


def call(api, world, method, path, file):
    if path == "/api/v1/verify/":
        return api.client.post(path, {"file": SimpleUploadedFile("a.pdf", file)})
    body = world.body(method, path)
    return api.client.generic(
        method, world.path(path), json.dumps(body) if body else "", content_type="application/json"
    )
