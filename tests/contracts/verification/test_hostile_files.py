"""A file made to do harm costs its limits and gets a finding; the helper process outlives all of them."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.verification.file_verdict import verdict_of_file
from contracts.verification.sandbox import Problem
from tests.contracts.verification.conftest import codes, codes_of, file_of
from tests.contracts.verification.hostile import HOSTILE
from tests.contracts.verification.inside import RUN_THE_FILE, SOUND, facts, program


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
@pytest.mark.django_db
def test_a_hostile_file_gets_a_finding(make, helped_by):
    helped_by("pass")

    assert set(codes(make())) <= {"too_complex", "unreadable", "no_seal"}


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "kept = bytearray(2**30)",
        "import os; os.kill(os.getpid(), 9)",
        "import os; os.abort()",
        "return type('Odd', (), {'to_json': lambda self, **_: 'garbage'})()",
        "return type('Odd', (), {'to_json': lambda self, **_: '[1, 2]'})()",
        "return type('Odd', (), {'to_json': lambda self, **_: ' ' * 10**7})()",
        "raise KeyError(1)",
    ],
)
def test_a_process_that_falls_or_stands_still_is_a_finding_and_the_next_file_is_read(helped_by, body):
    helped_by(RUN_THE_FILE)

    assert facts(program(body, "return Facts(count=2)")).problem == Problem.TOO_COMPLEX
    assert facts(SOUND).count == 1


@pytest.mark.parametrize(
    "body",
    [
        "import socket; socket.create_connection(('127.0.0.1', {port}), 1)",
        "import socket; socket.socket().connect(('127.0.0.1', {port}))",
        "import socket; socket.getaddrinfo('example.com', 80)",
        "open('{file}', 'w')",
        "import os; os.open('{file}', os.O_CREAT | os.O_WRONLY)",
        "import os; os.mkdir('{file}')",
        "import subprocess; subprocess.run(['touch', '{file}'])",
        "import os; os.system('touch {file}')",
        "import os; os.fork()",
    ],
)
def test_what_reads_may_not_reach_the_network_nor_write_nor_start_anything(helped_by, body, tmp_path):
    file = tmp_path / "written"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        act = body.format(port=server.getsockname()[1], file=file)
        refused = "return Facts(Problem.UNREADABLE)"
        helped_by(RUN_THE_FILE)
        tries = program("try:", f"    {act}", "except PermissionError:", f"    {refused}", "return Facts()")
        assert facts(tries).problem == Problem.UNREADABLE
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not file.exists()


@pytest.mark.django_db
def test_a_helper_that_was_killed_is_started_again(helped_by, official):
    own = helped_by("pass")
    content = file_of(official) + b"junk"
    assert codes(content) == ["appended"]
    own._process.kill()
    own._process.wait()

    assert codes(content) == ["appended"]


@pytest.mark.django_db
def test_two_at_once(helped_by, official):
    helped_by("pass")
    content = file_of(official)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _n: facts(content).count, range(24)))

    assert found == [1] * 24


@pytest.mark.django_db
def test_a_registered_file_needs_no_helper(official, monkeypatch):
    monkeypatch.setattr("contracts.verification.file_verdict.read_in_sandbox", pytest.fail)

    assert codes_of(verdict_of_file(file_of(official))) == ["sealed"]


def test_every_limit_is_set(helped_by):
    limits = "sum(resource.getrlimit(getattr(resource, 'RLIMIT_' + kind))[1] for kind in ('CPU', 'FSIZE', 'CORE'))"
    helped_by(RUN_THE_FILE)

    assert (
        facts(program(f"import resource; return Facts(count={limits})")).count == 1
    )  # a second of CPU, and no byte of a file


@pytest.mark.django_db
def test_what_hurts_behind_a_sealed_document_is_told_beside_it(helped_by, official):
    helped_by("child.read_facts = lambda content, trusted, *, now: sum(iter(int, 1))")

    assert codes(file_of(official) + b"more") == ["appended", "too_complex"]
