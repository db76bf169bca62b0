"""The Celery app and its beat schedule. Tasks live in the apps' `tasks.py`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("contract_centre")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "settle-what-is-due": {"task": "contracts.tasks.settle_due", "schedule": 60.0},
    "send-notices": {"task": "billing.tasks.send_notices", "schedule": 60.0},
}
