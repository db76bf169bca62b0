"""What gunicorn does wherever it is started in this folder: `gunicorn config.wsgi --bind …` reads this by itself."""

import os
import tempfile
from pathlib import Path

from environ import Env

# Before anything imports prometheus_client; a reload (SIGHUP) comes by here again.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", f"{tempfile.gettempdir()}/contract-centre-metrics-{os.getpid()}")

from common.circuit_breaker import reserve_one_thread
from config import metric_files
from config.logs import logging_of

FOLDER = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

accesslog = None  # config/request_log.py writes a line for every request
forwarder_headers = ""  # a header SCRIPT_NAME or PATH_INFO changes nothing, whoever sends it
logconfig_dict = logging_of(debug=Env().bool("DEBUG", default=True))


def on_starting(server: object) -> None:
    metric_files.begin(FOLDER)


def post_fork(server: object, worker: object) -> None:
    metric_files.join(FOLDER)


def post_worker_init(worker: object) -> None:
    reserve_one_thread(worker.cfg.threads)  # type: ignore[attr-defined]


def on_exit(server: object) -> None:
    metric_files.end(FOLDER)
