"""`make run`: from a fresh checkout to a running system. Web, worker and clock, until Ctrl-C."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PORT = os.environ.get("PORT", "8000")
ADDRESS = f"http://127.0.0.1:{PORT}"
STARTUP_SECONDS = 60

PREPARE = [["migrate", "--verbosity", "0"], ["init_seal"], ["init_seal", "--test-accounts"], ["seed_demo"]]
SERVE = {
    "web": [sys.executable, "manage.py", "runserver", f"127.0.0.1:{PORT}", "--noreload"],
    # The threads pool, because prefork with an embedded beat hangs on stop.
    "worker": [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "-B",
        "-P",
        "threads",
        "-l",
        "INFO",
    ],
}


def require_free_port() -> None:
    if not (PORT.isdigit() and 0 < int(PORT) < 65536):
        sys.exit(f"PORT must be a number from 1 to 65535, not {PORT}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(PORT)))
        except OSError:
            sys.exit(f"Port {PORT} is in use. Stop what uses it, or choose another: make run PORT=8001")


def start(name: str, command: list[str]) -> subprocess.Popen[str]:
    """A process in a group of its own, so that Ctrl-C reaches this program alone and it can stop the others in turn."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    threading.Thread(target=pass_on, args=(name, process), daemon=True).start()
    return process


def pass_on(name: str, process: subprocess.Popen[str]) -> None:
    assert process.stdout
    for line in process.stdout:
        print(f"{name:>6} | {line}", end="", flush=True)


def wait_for_answer(processes: list[subprocess.Popen[str]]) -> bool:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        try:
            with urllib.request.urlopen(f"{ADDRESS}/healthz", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def stop(processes: list[subprocess.Popen[str]]) -> None:
    """End the whole group of each: beat is a child of the worker, and outlives a worker that crashed."""
    for process in processes:
        signal_group(process, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            signal_group(process, signal.SIGKILL)


def signal_group(process: subprocess.Popen[str], signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signum)


def main() -> int:
    require_free_port()
    for command in PREPARE:
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)
    stopping = threading.Event()

    def stop_on(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop_on)
    processes = [start(name, command) for name, command in SERVE.items()]
    try:
        if wait_for_answer(processes):
            print(
                f"\n  Ready: {ADDRESS}/  Sign in as demo / demo (staff: finance / finance). Ctrl-C stops.\n", flush=True
            )
        while not stopping.wait(0.5):
            if ended := [name for name, process in zip(SERVE, processes, strict=True) if process.poll() is not None]:
                print(f"{', '.join(ended)} ended by itself; stopping the rest.", file=sys.stderr)
                return 1
        return 0
    finally:
        stop(processes)


if __name__ == "__main__":
    sys.exit(main())
