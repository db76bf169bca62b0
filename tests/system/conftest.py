"""The environment of processes that share the test's own database, files and seal."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from environ import Env
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.system import servers
from tests.system.mail import MailServer, mail_server
from tests.system.surroundings import environment_on

collect_ignore = [] if os.environ.get("IMAGE") else ["test_image.py", "test_compose.py"]  # .ci/run builds the image


@pytest.fixture
def redis(tmp_path) -> servers.Redis:
    """One that no other worker reads; it is not started."""
    return servers.Redis(tmp_path)


@pytest.fixture
def broker(redis) -> Iterator[None]:
    with redis.running():
        yield


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def environment(tmp_path: Path, redis: servers.Redis, transactional_db: None) -> dict[str, str]:
    where = connection.settings_dict
    database = f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
    return environment_on(database, redis=redis.url, folder=tmp_path)


@pytest.fixture
def cluster(django_db_blocker) -> Iterator[servers.PostgreSQL]:
    """A PostgreSQL that nobody else uses. The test's own connection leads to it too."""
    kept = dict(connection.settings_dict)
    with servers.postgresql() as cluster, django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(Env.db_url_config(cluster.url))
        try:
            yield cluster
        finally:
            connection.close()
            connection.settings_dict.clear()
            connection.settings_dict.update(kept)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Of an object store with S3's interface."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()
