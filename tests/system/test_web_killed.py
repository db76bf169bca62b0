"""The web process dies while it converts my contract. It is still a draft, and I convert it once the site is back."""

import hashlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from billing.models import ApiToken
from contracts import documents
from contracts.models import Contract, ContractDocument
from tests.contracts.races.racing import everything_holds
from tests.factories import draft
from tests.system import servers
from tests.system.calls import Caller, Unanswered
from tests.system.processes import wait_for
from tests.system.surroundings import alive, held_up, no_events_written

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True), pytest.mark.rule("R2")]


@pytest.fixture
def token(membership) -> str:
    return ApiToken.for_member(membership)[1]


@pytest.fixture
def contract(membership) -> Contract:
    from billing.access import actor_of

    return draft(actor_of(membership, "api"))


def convert(port: int, token: str, contract: Contract):
    return Caller(port, token).post(f"/api/v1/contracts/{contract.number}/convert/")


@contextmanager
def silent_timestamp_server() -> Iterator[socket.socket]:
    """Its callers are taken, and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


def is_an_untouched_draft(contract: Contract) -> bool:
    """As a draft, it has one file and one event."""
    contract = Contract.objects.get(pk=contract.pk)
    return (
        contract.status == "draft"
        and [document.kind for document in contract.documents.all()] == ["draft"]
        and [event.kind for event in contract.events.all()] == ["drafted"]
    )


def is_converted_by(web: servers.Web, token: str, contract: Contract, tmp_path) -> None:
    """Converts, and shows that what comes out is the sealed draft and is verified."""
    answer = convert(web.port, token, contract)
    assert (answer.status, answer.json["status"]) == (200, "official"), answer.body
    caller = Caller(web.port, token)
    official = caller.get(f"/api/v1/contracts/{contract.number}/document/").body
    assert hashlib.sha256(official).hexdigest() == answer.json["document"]["sha256"]
    assert official.startswith(documents.read(contract.documents.get(kind="draft")))
    verdict = Caller(web.port).get(f"/api/v1/verify/{contract.verification_code}/")
    assert verdict.status == 200
    assert verdict.json["authentic"], verdict.body
    everything_holds()
