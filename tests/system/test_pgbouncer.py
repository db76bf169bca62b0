"""Everything that reads many rows works through PgBouncer in transaction mode, as docs/operations.md sets it up."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts.models import TrailSeal
from contracts.trail.check_archive import CONTRACTS_PER_BATCH
from tests import factories
from tests.system import servers
from tests.system.backups import sets
from tests.system.calls import Caller
from tests.system.crowds import copies
from tests.system.pooling import others_busy, pgbouncer
from tests.system.processes import ROOT
from tests.system.surroundings import environment_on

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
MANY = 2 * CONTRACTS_PER_BATCH + 20
"""Contracts: verify_archive asks its cursor for more three times."""
READING = """
from django.core.management import call_command
from contracts.tasks import forget, seal_audit_trail
seal_audit_trail()
print(forget())
call_command("verify_archive", "--processes", "1")
call_command("verify_archive", "--processes", "2")
"""
ROW_BY_ROW = "from contracts.models import Contract; print(*Contract.objects.iterator(chunk_size=1))"


@pytest.fixture
def pooled(tmp_path, redis) -> Iterator[dict[str, str]]:
    """The environment of processes behind a PgBouncer that others keep busy."""
    with pgbouncer(tmp_path) as port, others_busy(port):
        url = f"postgres://postgres@127.0.0.1:{port}/{connection.settings_dict['NAME']}"
        yield environment_on(url, redis=redis.url, folder=tmp_path, DISABLE_SERVER_SIDE_CURSORS="true")


def run(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def run_well(environment: dict[str, str], *words: object) -> str:
    done = run(environment, *words)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_an_archive_is_sealed_verified_forgotten_and_backed_up(own_files, pooled, broker, membership, tmp_path):
    copies(factories.draft(actor_of(membership, "api")), MANY - 1)
    with servers.web(pooled, threads=4) as web:
        caller = Caller(web.port, ApiToken.for_member(membership)[1])
        order = factories.PaidOrderFactory(account=membership.account)
        draft = caller.post("/api/v1/contracts/", {"type": "order", "order_numbers": [order.number]})
        assert caller.post(f"/api/v1/contracts/{draft.json['number']}/convert/").status == 200
    for _ in range(3):
        factories.official(actor_of(membership, "api"))
    ended = timezone.now() - timedelta(days=1)
    Session.objects.bulk_create(
        Session(session_key=secrets.token_hex(16), session_data="", expire_date=ended) for _ in range(5)
    )

    said = run_well(pooled, "shell", "--no-imports", "--command", READING)
    assert "'sessions': 5" in said
    assert TrailSeal.objects.get().contracts == MANY + 4
    assert said.count(f"{MANY + 4} contracts") == 2
    assert "rows in" in run_well(pooled, "back_up", tmp_path / "backup")
    [own] = sets(tmp_path / "backup")
    assert {path.name for path in own.iterdir()} == {"database.dump", "files.sha256", "manifest.json"}


def test_without_the_setting_a_cursor_is_lost(pooled, membership):
    """The others are busy enough for that; else the test above would prove nothing."""
    copies(factories.draft(actor_of(membership, "api")), MANY - 1)
    without = {**pooled, "DISABLE_SERVER_SIDE_CURSORS": "false"}
    done = run(without, "shell", "--no-imports", "--command", ROW_BY_ROW)
    assert done.returncode != 0
    assert "does not exist" in done.stderr
