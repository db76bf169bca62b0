"""The Celery app and its beat schedule. Tasks live in the apps' `tasks.py`."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import worker_ready
from kombu import Queue
from kombu.transport.virtual import Channel

from config import task_log  # noqa: F401 - which listens to what the tasks do
from config.backup_settings import BACKUP_EVERY_HOURS
from jobs.schedule import SCHEDULER_INTERVAL_SECONDS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# A worker that holds messages when Redis goes away would try to return them, and exit on the error. Their work is in
# rows, which the scheduled tasks find again.
Channel.do_restore = False
app = Celery("contract_centre")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
QUEUES = {
    "clock": ("contracts.tasks.settle_due",),
    "email": ("emails.tasks.send_notices", "emails.tasks.check_mail_server"),
    "webhooks": ("webhooks.tasks.send_webhooks",),
    "sealing": (
        "contracts.tasks.check_seal",
        "contracts.tasks.seal_audit_trail",
        "contracts.bulk.batches.run_batches",
    ),
    "exports": ("exports.tasks.write_exports",),
    "cleanup": (
        "contracts.tasks.forget",
        "contracts.tasks.feed_anchors",
        "exports.tasks.delete_exports",
        "webhooks.tasks.delete_old_webhooks",
        "webhooks.tasks.number_new_events",
    ),
    "backup": ("contracts.operations.backup.scheduled.back_up_system",),
}
"""A queue for each kind of work that may take long. A worker serves all queues, or those of its option -Q."""
app.conf.task_queues = [Queue(name) for name in QUEUES]
app.conf.task_default_queue = "cleanup"
app.conf.task_routes = {task: {"queue": name} for name, tasks in QUEUES.items() for task in tasks}
app.conf.worker_prefetch_multiplier = 1  # tasks behind a long one go to other workers
app.conf.worker_concurrency = len(QUEUES)  # one for each queue, so that no kind of work waits for another
CLOCK_JOBS = (
    "contracts.tasks.settle_due",
    "contracts.tasks.check_seal",
    "contracts.tasks.seal_audit_trail",
    "contracts.tasks.feed_anchors",
    "contracts.tasks.forget",
    "contracts.bulk.batches.run_batches",
    "emails.tasks.send_notices",
    "emails.tasks.check_mail_server",
    "webhooks.tasks.send_webhooks",
    "webhooks.tasks.delete_old_webhooks",
    "webhooks.tasks.number_new_events",
    "exports.tasks.write_exports",
    "exports.tasks.delete_exports",
    *(QUEUES["backup"] if BACKUP_EVERY_HOURS else ()),
)
"""Scheduled tasks. Each gets a message every minute and decides itself whether it is due (jobs/clock_jobs.py)."""
app.conf.beat_schedule = {
    job: {
        "task": job,
        "schedule": float(SCHEDULER_INTERVAL_SECONDS),
        "kwargs": {"if_due": True},
        "options": {"expires": SCHEDULER_INTERVAL_SECONDS},  # the next message does its work
    }
    for job in CLOCK_JOBS
}


class RequireSeal(bootsteps.Step):
    """Refuses to start a worker of the queue `sealing` without the seal. Beat and other workers have no seal."""

    def __init__(self, parent: Any, **_options: object) -> None:
        from contracts.sealing.key import require_seal_at_start  # noqa: PLC0415 - the apps are loaded by now

        if "sealing" in parent.app.amqp.queues.consume_from:
            require_seal_at_start()


app.steps["worker"].add(RequireSeal)


@worker_ready.connect
def catch_up(sender: Any, **_: object) -> None:
    """Settle what came due while no worker ran, check what work depends on, and retry what failed."""
    for job in ("contracts.tasks.settle_due", "contracts.tasks.seal_audit_trail", "contracts.tasks.feed_anchors"):
        sender.app.send_task(job)
    sender.app.send_task("emails.tasks.check_mail_server")
    sender.app.send_task("contracts.tasks.check_seal", kwargs={"at_start": True})
