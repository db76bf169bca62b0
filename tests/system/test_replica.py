"""Lists are read from a replica. It may lag or stop: people see their own changes, and nobody sees an error."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import Membership
from tests import factories
from tests.system import servers
from tests.system.calls import Caller
from tests.system.processes import ROOT, free_port, running, wait_for
from tests.system.surroundings import environment_on

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]


class Replica:
    """A streaming replica of a cluster, in a folder beside its own."""

    def __init__(self, cluster: servers.PostgreSQL) -> None:
        self.port = free_port()
        self.url = f"postgres://postgres@/postgres?host={cluster.folder}&port={self.port}"
        self._cluster = cluster

    @contextmanager
    def running(self) -> Iterator[None]:
        cluster = self._cluster
        folder = cluster.folder / f"replica-{self.port}"
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        copy = [servers.found("pg_basebackup"), "--pgdata", str(folder), "--host", str(cluster.folder)]
        copy += ["--username", "postgres", "--write-recovery-conf", "--checkpoint", "fast"]
        subprocess.run([*as_owner, *copy], cwd=cluster.folder, check=True, capture_output=True)
        serve = [servers.found("postgres"), "-D", str(folder), "-p", str(self.port)]
        with running([*as_owner, *serve], log=cluster.folder / "replica.log", folder=cluster.folder):
            wait_for("the replica answers", self._answers)
            yield

    def run(self, statement: str) -> list:
        with psycopg.connect(host=str(self._cluster.folder), port=self.port, user="postgres", autocommit=True) as there:
            cursor = there.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        try:
            return bool(self.run("SELECT 1"))
        except psycopg.OperationalError:
            return False


@pytest.fixture
def replica(cluster) -> Replica:
    return Replica(cluster)


@pytest.fixture
def environment(cluster, replica, broker, redis, tmp_path) -> dict[str, str]:
    environment = environment_on(cluster.url, redis=redis.url, folder=tmp_path)
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    return environment | {"DATABASE_REPLICA_URL": replica.url, "STAFF_MFA_REQUIRED": "false"}


def signed_in(user: User) -> str:
    """The key of a new session of the user."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def lists(web: servers.Web, session: str, number: str, *, page: str = "/orders/", cookies: str = "") -> bool:
    """Whether the list is answered and has this order."""
    answer = Caller(web.port, session=session + cookies).get(page)
    assert answer.status == 200, answer.body[-2000:]
    return number in answer.body.decode()


def system_says(environment: dict[str, str]) -> tuple[int, str]:
    command = [sys.executable, "manage.py", "check_system", "replica"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_lists_are_read_from_it_except_by_who_has_just_changed_something(replica, environment):
    factories.IssuerFactory()
    member: Membership = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    session, staff = signed_in(member.user), signed_in(factories.UserFactory(is_staff=True, is_superuser=True))
    early = factories.PaidOrderFactory(account=member.account).number
    with replica.running(), servers.web(environment) as web:
        wait_for("the replica follows", lambda: lists(web, session, early))
        assert system_says(environment)[0] == 0
        replica.run("SELECT pg_wal_replay_pause()")
        late = factories.PaidOrderFactory(account=member.account).number
        assert not lists(web, session, late)
        assert not lists(web, staff, late, page="/admin/orders/order/")
        assert lists(web, staff, early, page="/admin/orders/order/")
        assert lists(web, session, late, cookies="; changed=1")
        replica.run("SELECT pg_wal_replay_resume()")
        wait_for("it catches up", lambda: lists(web, session, late))
        connection.close()
    with servers.web(environment) as web:  # and nobody answers at its port
        latest = factories.PaidOrderFactory(account=member.account).number
        assert lists(web, session, latest)
        assert system_says(environment)[0] == 1


def test_a_replica_that_dies_meanwhile_is_not_missed(replica, environment):
    factories.IssuerFactory()
    member: Membership = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    session = signed_in(member.user)
    with servers.web(environment) as web:
        with replica.running():
            early = factories.PaidOrderFactory(account=member.account).number
            wait_for("the replica follows", lambda: lists(web, session, early))
        late = factories.PaidOrderFactory(account=member.account).number
        assert lists(web, session, late)
