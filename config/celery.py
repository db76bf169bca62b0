"""The Celery app and its beat schedule. Tasks live in the apps' `tasks.py`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready
from kombu.transport.virtual import Channel

from config import task_log  # noqa: F401 - which listens to what the tasks do

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# A worker that holds messages when Redis goes away would want to give them back to it, and end over that. What they
# are about is in rows, which the clock comes back to.
Channel.do_restore = False
app = Celery("contract_centre")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "settle-what-is-due": {"task": "contracts.tasks.settle_due", "schedule": 60.0},
    "send-notices": {"task": "billing.tasks.send_notices", "schedule": 60.0},
    "check-seal": {"task": "contracts.tasks.check_seal", "schedule": 600.0},
    "seal-audit-trail": {"task": "contracts.tasks.seal_audit_trail", "schedule": 3600.0},
    "send-webhooks": {"task": "billing.tasks.send_webhooks", "schedule": 60.0},
    "forget-what-has-passed": {"task": "contracts.tasks.forget", "schedule": 3600.0},
    "forget-webhooks": {"task": "billing.tasks.forget_webhooks", "schedule": 3600.0},
}


@worker_ready.connect
def catch_up(sender: Any, **_: object) -> None:
    """A worker that starts settles at once what came due while none ran, and says whether the seal works."""
    sender.app.send_task("contracts.tasks.settle_due")
    sender.app.send_task("contracts.tasks.seal_audit_trail")
    sender.app.send_task("contracts.tasks.check_seal", kwargs={"at_start": True})
