"""Receivers to test with: real HTTP servers on this machine, which answer as they are told."""

import contextlib
import http.server
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from api.schema_examples import CONTRACT, EVENT
from tests.api.conformance import schema
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.signing import new_secret


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    """By their names in lower case."""
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.json["type"]


class Receiver(http.server.ThreadingHTTPServer):
    """Answers 200 unless `answers` holds others, which it gives one after the other: a status, or what to do."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_address[1]}/hooks"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.received: list[Received] = []
        self.answers: list[int | Callable[[Conversation], None]] = []
        self.always: int | Callable[[Conversation], None] = 200
        self.closing = threading.Event()
        self._lock = threading.Lock()

    def next_answer(self, received: Received) -> "int | Callable[[Conversation], None]":
        with self._lock:
            self.received.append(received)
            return self.answers.pop(0) if self.answers else self.always

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever gave up has left."""

    @property
    def types(self) -> list[str]:
        return [received.type for received in self.received]


class Conversation(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.next_answer(Received(self.path, headers, body))
        if callable(answer):
            answer(self)
        else:
            self.send_response(answer)
            self.end_headers()
            self.wfile.write(b"thank you" if answer < 300 else b"no")

    def do_GET(self) -> None:
        self.server.received.append(Received(self.path, {}, b"{}"))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Not in the tests' output."""


def hang(conversation: Conversation) -> None:
    """Say nothing, until the receiver is closed."""
    conversation.server.closing.wait()


def drip(conversation: Conversation) -> None:
    """An answer that is always about to come: a byte now and then, and never a whole line."""
    with contextlib.suppress(OSError):
        conversation.wfile.write(b"HTTP/1.1 200 ")
        while not conversation.server.closing.wait(0.05):
            conversation.wfile.write(b"O")


def endless(conversation: Conversation) -> None:
    """200, and a body without end."""
    conversation.send_response(200)
    conversation.end_headers()
    with contextlib.suppress(OSError):
        while not conversation.server.closing.is_set():
            conversation.wfile.write(b"more " * 1000)


def trickling(conversation: Conversation) -> None:
    """200, and a body of which the rest never comes."""
    conversation.send_response(200)
    conversation.send_header("Content-Length", "1000")
    conversation.end_headers()
    conversation.wfile.write(b"the beginning")
    conversation.server.closing.wait()


def dripping_body(conversation: Conversation) -> None:
    """200, and a byte of the body now and then."""
    conversation.send_response(200)
    conversation.send_header("Content-Length", "1000")
    conversation.end_headers()
    with contextlib.suppress(OSError):
        while not conversation.server.closing.wait(0.05):
            conversation.wfile.write(b"O")


def breaking_off(conversation: Conversation) -> None:
    """200, and a body that ends before its length."""
    conversation.send_response(200)
    conversation.send_header("Content-Length", "1000")
    conversation.end_headers()
    conversation.wfile.write(b"the beginning")


def cut_off(conversation: Conversation) -> None:
    """The connection ends without a word."""
    conversation.connection.close()


def nonsense(conversation: Conversation) -> None:
    conversation.wfile.write(b"220 mail.example ESMTP\r\n\r\n")


def redirecting_to(url: str) -> Callable[[Conversation], None]:
    def redirect(conversation: Conversation) -> None:
        conversation.send_response(307)
        conversation.send_header("Location", url)
        conversation.end_headers()

    return redirect


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    with Receiver(tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


def endpoint_of(account: Any, url: str = "https://hooks.example.com/", **fields: Any) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(
        account=account, url=url, secret=new_secret(), created_at=timezone.now(), **fields
    )


def deliveries(**fields: Any) -> list[WebhookDelivery]:
    """In the order in which they were written."""
    return list(WebhookDelivery.objects.filter(**fields).order_by("pk"))


def _data_of(event_type: str, subject: str) -> dict[str, Any]:
    """The data of an event as the API describes it."""
    if event_type == WebhookDelivery.TEST:
        return {"account": "10000001", "test": False, "endpoint": 1}
    if event_type.startswith("order."):
        return {**EVENT["data"], "order": EVENT["data"]["order"] | {"number": subject}}
    members = schema()["components"]["schemas"]["ContractPayload"]["properties"]
    return {
        "account": "10000001",
        "test": False,
        "contract": {name: CONTRACT[name] for name in members} | {"number": subject},
    }


def due(endpoint: WebhookEndpoint, subject: str = "EC1", type: str = "contract.drafted", **fields: Any):  # noqa: A002
    """A delivery that is due now."""
    now = timezone.now()
    body = json.dumps({"type": type, "timestamp": now.isoformat(), "data": _data_of(type, subject)})
    return WebhookDelivery.objects.create(
        **{
            "endpoint": endpoint,
            "event_id": f"msg_{WebhookDelivery.objects.count()}",
            "type": type,
            "subject": subject,
            "body": body,
            "due_at": now,
            "queued_at": now,
            "created_at": now,
            **fields,
        }
    )
