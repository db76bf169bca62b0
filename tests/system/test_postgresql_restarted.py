"""PostgreSQL is restarted while everybody works. What I was told has happened, has, and once; the rest I ask again."""

import json
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.access.actors import actor_of
from accounts.models import ApiToken
from contracts.models import Contract
from tests import factories
from tests.system import servers
from tests.system.calls import Caller
from tests.system.load import Load, customer, everything_is_as_told
from tests.system.processes import ROOT, say, wait_for
from tests.system.surroundings import environment_on, its_time_comes

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql]
CUSTOMERS = 8
APPLICATIONS = 16
"""By each of them, over ORDERS orders that all want."""
ORDERS = 60
RESTARTS = {40: "immediate", 90: "fast"}
"""After so many answers, the mode of the restart."""


@pytest.fixture
def environment(cluster, broker, redis, tmp_path) -> dict[str, str]:
    environment = environment_on(cluster.url, redis=redis.url, folder=tmp_path)
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    return environment


def work_through_restarts(caller: Caller, cluster: servers.PostgreSQL, orders: list[str]) -> tuple[Load, list]:
    """What was asked and answered, and from when to when PostgreSQL was away."""
    load, outages = Load(), []
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        names = [f"customer-{i}" for i in range(CUSTOMERS)]
        working = [pool.submit(customer, load, caller, orders, name, APPLICATIONS) for name in names]
        for answers, mode in RESTARTS.items():
            wait_for(f"{answers} answers", lambda answers=answers: len(load.answered) >= answers)
            began = time.monotonic()
            cluster.restart(mode)
            outages.append((began, time.monotonic()))
        answered = len(load.answered)
        for work in working:
            work.result(timeout=120)
    say(f"{len(load.answered) - answered} of {len(load.answered)} answers came after both restarts")
    return load, outages


@pytest.mark.rule("R7")
def test_restarted_twice_under_load_it_loses_nothing_and_doubles_nothing(cluster, environment):
    factories.IssuerFactory()
    member = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    orders = [factories.PaidOrderFactory(account=member.account).number for _ in range(ORDERS)]
    token = ApiToken.for_member(member)[1]
    to_end = factories.draft(actor_of(member, "page"), type="payment_request")
    connection.close()  # it would be broken off
    with servers.web(environment, threads=4) as web, servers.worker(environment), servers.beat(environment):
        caller = Caller(web.port, token)
        load, outages = work_through_restarts(caller, cluster, orders)
        its_time_comes(to_end)
        wait_for("the worker goes on", lambda: Contract.objects.get(pk=to_end.pk).status == "invalid")
        everything_is_as_told(load)
        made = {key: answer.json for key, answer in load.applied.items() if answer.status == 201}
        assert {key: load.apply(caller, key).json for key in made} == made  # asked again, it tells of the same contract

    say(
        f"{len(load.applied)} applications: {Counter(answer.status for answer in load.applied.values())}; "
        f"{len(made)} contracts: {Counter(load.became.values())}; "
        f"failed and asked again: {Counter(failure.status for failure in load.failures)}; "
        f"PostgreSQL away for {', '.join(f'{ended - began:.1f} s' for began, ended in outages)}"
    )
    assert load.failures, "the restarts came between the calls, so they show nothing"
    for failure in load.failures:
        assert any(failure.began <= ended and failure.ended >= began for began, ended in outages), failure
        assert failure.status in (0, 503), failure
        assert not failure.status or json.loads(failure.body)["code"] == "database_unavailable"
