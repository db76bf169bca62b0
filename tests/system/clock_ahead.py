"""The app of config/celery.py in a process whose clock is ten days ahead, for `celery -A`."""

from datetime import UTC, datetime, timedelta

import time_machine

time_machine.travel(datetime.now(UTC) + timedelta(days=10)).start()  # for good, and in the children too

from config.celery import app  # noqa: E402

__all__ = ["app"]
