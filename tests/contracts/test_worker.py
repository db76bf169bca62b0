"""The background worker, as a process of its own on the broker of this run."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from contracts.models import Contract
from orders.models import Order
from tests.factories import draft, member

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
ENQUEUE = "from contracts.tasks import settle_due; settle_due.delay()"


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """The test's own database, and a broker that no other worker reads."""
    where = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{where['NAME']}"
    else:
        url = f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
    redis = settings.REDIS_URL and f"{settings.REDIS_URL.rsplit('/', 1)[0]}/14"
    return {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(tmp_path), "REDIS_URL": redis}


@pytest.mark.exhaustive
@pytest.mark.rule("R20")
@pytest.mark.django_db(transaction=True)
def test_a_task_sent_to_the_broker_ends_what_is_due(issuer, environment):
    contract = draft(member(), type="payment_request")
    past = timezone.now() - timedelta(minutes=1)
    Order.objects.update(payment_deadline=past, ordered_at=past - timedelta(days=7))
    Contract.objects.update(applied_at=past - timedelta(days=1), expires_at=past, valid_until=past)
    celery = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "1", "-l", "WARNING"]
    with subprocess.Popen(celery, cwd=ROOT, env=environment) as worker:
        try:
            subprocess.run([sys.executable, "manage.py", "shell", "-c", ENQUEUE], cwd=ROOT, env=environment, check=True)
            patience = time.monotonic() + PATIENCE
            while Contract.objects.get(pk=contract.pk).status != "invalid" and time.monotonic() < patience:
                time.sleep(0.2)
        finally:
            worker.terminate()
    contract = Contract.objects.get(pk=contract.pk)
    assert (contract.status, contract.invalid_at) == ("invalid", past)


def test_a_worker_tries_to_reach_a_broker_that_is_away_for_as_long_as_it_takes():
    assert current_app.conf.broker_connection_max_retries is None
