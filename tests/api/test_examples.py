"""The programs in docs/examples do what the guide says, one after the other, with the standard library alone."""

import ast
import contextlib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission

from accounts.models import ApiToken
from contracts.models import Contract
from orders.models import Order
from tests import factories
from tests.system.processes import free_port, running, wait_for
from tests.webhooks.receiving import deliveries
from webhooks.models import WebhookEndpoint
from webhooks.sending import send_due_webhooks
from webhooks.signing import new_secret

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = DOCS / "examples"


class Machine:
    """An integrator's machine: a folder, and tokens for the centre at `address`."""

    def __init__(self, address: str, folder: Path, token: str) -> None:
        self.address, self.folder, self.token = address, folder, token

    def environment(self, **more: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "CENTRE": self.address, "TOKEN": self.token, **more}

    def run(self, script: str, *given: str, token: str | None = None) -> list[str]:
        """Return the lines that the script prints. Fails if it does."""
        environment = self.environment() | ({} if token is None else {"TOKEN": token})
        command = [sys.executable, str(EXAMPLES / script), *given]
        done = subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


@pytest.fixture
def integrator_token() -> str:
    user = factories.UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="integrate"))
    return ApiToken.for_integrator(user)[1]


@pytest.fixture
def machine(live_server, issuer, tmp_path, settings) -> Machine:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    membership = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    return Machine(live_server.url, tmp_path, ApiToken.for_member(membership)[1])


@pytest.mark.django_db(transaction=True)
def test_from_an_order_to_a_sealed_contract_webhooks_and_a_copy(machine, integrator_token):
    factories.ProductFactory(code="elastic-compute", name="Elastic Compute", supports_contracts=True)
    account = ApiToken.objects.get(membership__isnull=False).membership.account
    port = free_port()
    [secret] = machine.run("7_add_endpoint.py", f"http://127.0.0.1:{port}/")
    receiver = machine.environment(WEBHOOK_SECRET=secret, PORT=str(port))
    command, log = [sys.executable, str(EXAMPLES / "8_receive.py")], machine.folder / "receiver.log"
    with running(command, log=log, environment=receiver) as process:
        assert machine.run("9_sync.py", "copy.sqlite3") == []
        assert machine.run("feed_order.py", account.number, "SO-1", token=integrator_token) == ["paid"]
        assert Order.objects.get().number == "SO-1"
        assert machine.run("1_list_orders.py") == ["SO-1"]
        [number] = machine.run("2_draft.py", "SO-1")
        assert machine.run("3_convert.py", number) == ["official"]
        machine.run("4_download.py", number, "contract.pdf")
        assert machine.run("5_verify.py", "contract.pdf", token="") == ["True official sealed"]
        assert machine.run("6_refusal.py", "SO-1") == [f"order_in_live_contract /order_numbers/0 {number}"]
        events = [f"contract.drafted {number} draft", f"contract.official {number} official"]
        assert machine.run("9_sync.py", "copy.sqlite3") == events
        assert machine.run("9_sync.py", "copy.sqlite3") == []
        wait_for("the receiver has both events", lambda: send_due_webhooks() and process.said("contract.official"))
    assert [delivery.state for delivery in deliveries()] == ["delivered"] * 2
    assert Contract.objects.get().number == number


@pytest.mark.django_db(transaction=True)
def test_a_message_with_another_signature_is_not_taken(machine):
    port = free_port()
    machine.run("7_add_endpoint.py", f"http://127.0.0.1:{port}/")
    receiver = machine.environment(WEBHOOK_SECRET=new_secret(), PORT=str(port))
    command, log = [sys.executable, str(EXAMPLES / "8_receive.py")], machine.folder / "receiver.log"
    with running(command, log=log, environment=receiver) as process:
        wait_for("the receiver listens", lambda: _listens(port))
        factories.draft(factories.member("owner", WebhookEndpoint.objects.get().account))

        def is_refused() -> bool:
            send_due_webhooks()
            return deliveries()[0].tries.filter(status_code=401).exists()

        wait_for("it is refused", is_refused)
        assert not process.said("contract.drafted {")
    assert deliveries()[0].state == "pending"


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def test_they_need_nothing_but_the_standard_library():
    imported = {
        name.partition(".")[0]
        for file in EXAMPLES.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in _imports(node)
    }
    assert imported - sys.stdlib_module_names == {"centre"}


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_the_guide_names_each():
    guides = (DOCS / "api.md").read_text() + (DOCS / "webhooks.md").read_text()
    named = set(re.findall(r"\]\(examples/(\w+\.py)\)", guides))
    assert named == {file.name for file in EXAMPLES.glob("*.py")}
