"""The proxy of compose.yaml as a process, with its own file."""

import http.client
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.processes import ROOT, Process, free_port, running, wait_for

CADDY = ROOT / ".venv-audit/bin/caddy"
needs_caddy = pytest.mark.skipif(not CADDY.exists(), reason="needs Caddy: make .venv-audit/installed")


@dataclass(frozen=True)
class Proxy:
    process: Process
    http_port: int
    https_port: int


@contextmanager
def proxy(web_port: int, folder: Path, **other: str) -> Iterator[Proxy]:
    """In front of a web process, once it answers by https; `localhost` gets a certificate of Caddy's own.

    `other`: values of the file that are replaced, such as lb_try_duration="60s".
    """
    plain, secure = free_port(), free_port()
    ours = f"{{\n\thttp_port {plain}\n\thttps_port {secure}\n\tskip_install_trust\n\tadmin off\n"
    text = (ROOT / "deploy/Caddyfile").read_text()
    for name, value in other.items():
        [line] = [line for line in text.splitlines() if line.strip().startswith(f"{name} ")]
        text = text.replace(line, f"{name} {value}")
    file = folder / "Caddyfile"
    file.write_text(text.replace("{\n", ours, 1).replace("web:8000", f"127.0.0.1:{web_port}"))
    command = [str(CADDY), "run", "--config", str(file), "--adapter", "caddyfile"]
    environment = {"PATH": os.environ["PATH"], "PUBLIC_HOST": "localhost", "HOME": str(folder)}
    with running(command, log=folder / "caddy.log", environment=environment) as process:
        wait_for("the proxy answers by https", lambda: _answers(secure))
        yield Proxy(process, plain, secure)


def _answers(port: int) -> bool:
    try:
        return call(port, "GET", "/healthz").status == 200
    except (OSError, http.client.HTTPException):
        return False


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def unchecked() -> ssl.SSLContext:
    return ssl._create_unverified_context()  # nobody knows the root of a proxy that began to run just now


def call(
    port: int, method: str, path: str, body: bytes = b"", *, by_https: bool = True, timeout: float = 60, **headers: str
) -> Answer:
    if by_https:
        connection = http.client.HTTPSConnection("localhost", port, timeout=timeout, context=unchecked())
    else:
        connection = http.client.HTTPConnection("localhost", port, timeout=timeout)
    with closing(connection):
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
