"""Two beats and two hosts with a worker each: the scheduled backup runs once."""

import pytest

from contracts.operations.backup.scheduled import back_up_system
from tests import factories
from tests.system import servers
from tests.system.processes import wait_for

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
MESSAGES = 4
"""Of the job that each host has had when we look."""


def test_a_backup_is_made_once_in_its_interval(environment, broker, tmp_path):
    factories.IssuerFactory()
    shared = {**environment, "BACKUP_URL": (tmp_path / "backups").as_uri(), "BACKUP_EVERY_HOURS": "24"}
    hosts = [{**shared, "DATA_DIR": str(tmp_path / name)} for name in ("a", "b")]
    for host in hosts:
        (tmp_path / host["DATA_DIR"]).mkdir()
    ended = f"state=SUCCESS task={back_up_system.name}"
    with (
        servers.worker(hosts[0]) as first,
        servers.worker(hosts[1]) as second,
        servers.beat(hosts[0]),
        servers.beat(hosts[1]),
    ):
        for worker in (first, second):
            wait_for("the host has had its messages", lambda log=worker.log: log.read_text().count(ended) >= MESSAGES)
    assert len(list((tmp_path / "backups").glob("*/manifest.json"))) == 1
