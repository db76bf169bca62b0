"""The receiver in docs/webhooks.md works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.access.actors import actor_of
from tests.factories import draft
from tests.system.processes import free_port, running, wait_for
from tests.webhooks.receiving import deliveries, due
from webhooks.endpoints import create_endpoint, resend_delivery, rotate_secret
from webhooks.sending import send_due_webhooks

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
RECEIVER = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[1]


@pytest.fixture
def actor(membership, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    return actor_of(membership, "page")


def states():
    return [(delivery.type, delivery.state) for delivery in deliveries()]


def test_it_takes_what_is_ours_once_and_nothing_else(actor, tmp_path):
    port = free_port()
    endpoint = create_endpoint(url=f"http://127.0.0.1:{port}/contracts", by=actor)
    file = tmp_path / "receiver.py"
    file.write_text(RECEIVER)

    environment = {"WEBHOOK_SECRET": endpoint.secret, "PORT": str(port)}
    command = [sys.executable, str(file)]
    with running(command, log=tmp_path / "receiver.log", environment=environment) as process:
        wait_for("the receiver listens", lambda: _listens(port))
        contract = draft(actor)
        send_due_webhooks()
        resend_delivery(delivery=deliveries()[0], by=actor)
        send_due_webhooks()
        assert states() == [("contract.drafted", "delivered")]
        assert process.log.read_text().count(f"contract.drafted {{'account': '{actor.account.number}'") == 1
        assert contract.number in process.log.read_text()

        rotate_secret(endpoint=endpoint, by=actor)
        due(endpoint, "EC2", "contract.voided")
        send_due_webhooks()
        assert states()[1:] == [("contract.voided", "delivered")]
        endpoint.refresh_from_db()
        endpoint.retired_secrets = []
        endpoint.save()
        due(endpoint, "EC3", "contract.official")
        send_due_webhooks()
        assert states()[2:] == [("contract.official", "pending")]
        assert deliveries()[2].tries.get().status_code == 401


def _listens(port):
    probe = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
    return subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False).returncode == 0


def test_it_is_some_twenty_lines():
    assert len([line for line in RECEIVER.splitlines() if line.strip()]) <= 20
