"""Everything that reads many rows works through PgBouncer in transaction mode, as docs/operations.md sets it up."""

import secrets
import subprocess
import sys
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from billing.access import actor_of
from billing.models import ApiToken
from contracts.models import TrailSeal
from tests import factories
from tests.system import servers
from tests.system.backups import sets
from tests.system.calls import Caller
from tests.system.pooling import pgbouncer
from tests.system.processes import ROOT
from tests.system.surroundings import environment_on

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
TASKS = "from contracts.tasks import *; seal_audit_trail(); print(forget())"


@pytest.fixture
def pooled(tmp_path, redis) -> dict[str, str]:
    """The environment of processes behind PgBouncer."""
    with pgbouncer(tmp_path) as port:
        url = f"postgres://postgres@127.0.0.1:{port}/{connection.settings_dict['NAME']}"
        yield environment_on(url, redis=redis.url, folder=tmp_path, DISABLE_SERVER_SIDE_CURSORS="true")


def run(environment: dict[str, str], *words: object) -> str:
    command = [sys.executable, "manage.py", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_an_archive_is_sealed_verified_forgotten_and_backed_up(pooled, broker, membership, tmp_path):
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

    said = run(pooled, "shell", "--no-imports", "--command", TASKS)
    assert "'sessions': 5" in said
    assert TrailSeal.objects.get().contracts == 4
    assert "4 contracts" in run(pooled, "verify_archive", "--processes", "1")
    assert "4 contracts" in run(pooled, "verify_archive", "--processes", "2")
    assert "rows in" in run(pooled, "back_up", tmp_path / "backup")
    [own] = sets(tmp_path / "backup")
    assert {path.name for path in own.iterdir()} == {"database.dump", "files.sha256", "manifest.json"}
