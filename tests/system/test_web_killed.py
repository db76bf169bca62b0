"""The web process dies while it converts my contract. It is still a draft, and I convert it once the site is back."""

import socket
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts.models import Contract
from contracts.trail.check_contract import check_contract
from tests.contracts.races.racing import everything_holds
from tests.factories import draft
from tests.system import servers
from tests.system.calls import Answer, Caller, Unanswered
from tests.system.processes import say, wait_for
from tests.system.surroundings import alive, held_up, no_events_written

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("R2"),
]


@pytest.fixture
def token(membership) -> str:
    return ApiToken.for_member(membership)[1]


@pytest.fixture
def contract(membership) -> Contract:
    return draft(actor_of(membership, "api"))


def convert(web: servers.Web, token: str, contract: Contract) -> Answer:
    return Caller(web.port, token).post(f"/api/v1/contracts/{contract.number}/convert/")


def is_unanswered(call: Future) -> bool:
    return isinstance(call.exception(timeout=60), Unanswered)


def is_an_untouched_draft(contract: Contract) -> bool:
    """As a draft, it has one file and one event."""
    contract = Contract.objects.get(pk=contract.pk)
    kinds = [[row.kind for row in rows.all()] for rows in (contract.documents, contract.events)]
    return contract.status == "draft" and kinds == [["draft"], ["drafted"]]


def converts(web: servers.Web, token: str, contract: Contract) -> None:
    """What comes out is the sealed draft, and everybody can verify it."""
    answer = convert(web, token, contract)
    assert (answer.status, answer.json["status"]) == (200, "official"), answer.body
    contract = Contract.objects.get(pk=contract.pk)
    assert [finding for finding in check_contract(contract) if not finding.sound] == []
    verdict = Caller(web.port).get(f"/verify/?code={contract.verification_code}")
    assert answer.json["document"]["sha256"] in verdict.body.decode()
    everything_holds()


def test_killed_whole_while_it_waits_for_a_timestamp_it_leaves_a_draft(environment, token, contract):
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as pool:
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with servers.web(environment | {"SEAL_TSA_URL": url}) as web:
            call = pool.submit(convert, web, token, contract)
            asked, _address = silent.accept()  # and no answer
            with asked:
                web.process.kill_all()
                assert is_unanswered(call)
    assert is_an_untouched_draft(contract)
    with servers.web(environment) as web:
        converts(web, token, contract)


def test_killed_between_storing_and_commit_it_leaves_a_draft(environment, token, contract, files: Path):
    def sealed() -> set[Path]:
        return {path for path in files.glob("documents/*/*.pdf") if path.read_bytes().count(b"/ByteRange")}

    before = sealed()
    with servers.web(environment) as web, ThreadPoolExecutor(1) as pool:
        with no_events_written():
            call = pool.submit(convert, web, token, contract)
            in_the_middle = wait_for("the conversion is about to write its event", held_up)
            [orphan] = sealed() - before
            web.process.kill_children()
            assert is_unanswered(call)
        wait_for("the database let go of what was killed", lambda: not alive(in_the_middle))
        assert is_an_untouched_draft(contract)
        converts(web, token, contract)  # by a process that gunicorn started meanwhile
    say(f"sealed files: {len(sealed() - before)}, registered: 1, left over by the kill: {orphan.name}")
