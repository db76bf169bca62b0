"""Customers with a browser and a token, and what each of them does: one request, or a few that belong together."""

import contextlib
import json
import random
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

PASSWORD = "of-the-load-test"
PARTY_A = {
    "address": "北京市海淀区中关村大街 1 号",
    "contact": "李雷",
    "phone": "+86 10 8000 0000",
    "email": "finance@customer.example",
}
WORKING = 30
"""Contracts that a customer keeps in mind, the latest."""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Line(Protocol):
    """What carries a request: a connection, or the test client of Django."""

    def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer: ...


class Wrong(Exception):
    """An answer that is not the one to come."""


@dataclass
class Kept:
    """A contract of the customer's own making."""

    number: str
    code: str
    file: bytes = b""


@dataclass
class Customer:
    line: Line
    username: str
    token: str
    address: str
    """From which the proxy says that the requests come."""
    orders: deque[str]
    """Numbers of paid orders that may enter a contract, each used once."""
    chance: random.Random
    cookies: dict[str, str] = field(default_factory=dict)
    drafts: deque[Kept] = field(default_factory=lambda: deque(maxlen=WORKING))
    officials: deque[Kept] = field(default_factory=lambda: deque(maxlen=WORKING))
    tell: Callable[[str, float], None] = lambda step, seconds: None
    """Takes each step with how long its answer took."""

    def ask(self, step: str, method: str, path: str, *, expect: int = 200, **sent: object) -> Answer:
        """One request, timed. Raises Wrong for any other status."""
        from_ = self._anybody() if "/verify/" in path else self.address
        headers = {"Host": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-For": from_}
        headers |= {"Authorization": f"Token {self.token}"} if path.startswith("/api/") else self._browser()
        body = b""
        if "json" in sent:
            headers["Content-Type"], body = "application/json", json.dumps(sent["json"]).encode()
        elif "form" in sent:
            form = {**sent["form"], "csrfmiddlewaretoken": self.cookies.get("__Host-csrftoken", "")}  # type: ignore[dict-item]
            headers["Content-Type"], body = "application/x-www-form-urlencoded", urlencode(form, doseq=True).encode()
        elif "file" in sent:
            headers["Content-Type"], body = _multipart(sent["file"], self.cookies.get("__Host-csrftoken", ""))  # type: ignore[arg-type]
        begun = time.perf_counter()
        answer = self.line(method, path, headers, body)
        self.tell(step, time.perf_counter() - begun)
        if answer.status != expect:
            raise Wrong(f"{step}: {method} {path} gave {answer.status}, not {expect}: {answer.body[:300]!r}")
        self._keep_cookies(answer)
        return answer

    def _anybody(self) -> str:
        """Verifications are asked for by people all over the world, and counted by address."""
        return ".".join(str(self.chance.randrange(1, 255)) for _ in range(4))

    def _browser(self) -> dict[str, str]:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": kept, "Referer": "https://127.0.0.1/"} if kept else {}

    def _keep_cookies(self, answer: Answer) -> None:
        for name, value in re.findall(
            r"(__Host-sessionid|__Host-csrftoken)=([^;,\s]+)", answer.headers.get("Set-Cookie", "")
        ):
            self.cookies[name] = value

    # What people do, by the names that the table has.

    def sign_in(self) -> None:
        self.ask("sign-in page", "GET", "/login/")
        form = {"username": self.username, "password": PASSWORD}
        self.ask("sign in", "POST", "/login/", expect=302, form=form)

    def list_page(self) -> None:
        self.ask("list page", "GET", "/contracts/")

    def list_official(self) -> None:
        self.ask("list page, official ones", "GET", "/contracts/?status=official")

    def list_older(self) -> None:
        self.ask("list page, page 5 of all days", "GET", "/contracts/?since=&until=&page=5")

    def order_list(self) -> None:
        self.ask("order list", "GET", "/orders/")

    def picker(self) -> None:
        self.ask("picker", "GET", "/contracts/apply/order/")

    def picker_all_days(self) -> None:
        self.ask("picker, all days", "GET", "/contracts/apply/order/?since=&until=")

    def picker_unpaid(self) -> None:
        self.ask("picker, unpaid orders", "GET", "/contracts/apply/payment-request/")

    def draft_by_page(self) -> None:
        """From the picker to the draft, as a browser does it."""
        numbers = self._take_orders()
        place = f"selection={uuid.uuid4()}"
        picked = {"order_numbers": numbers, "shown": numbers, "next": "1"}
        self.ask("picker: Next", "POST", f"/contracts/apply/order/?{place}", expect=302, form=picked)
        confirm = f"/contracts/apply/order/confirm/?{place}"
        self.ask("confirm page", "GET", confirm)
        created = self.ask("create: Generate", "POST", confirm, expect=302, form={**PARTY_A, "language": "zh-hans"})
        number = created.headers["Location"].split("/")[2]
        self.drafts.append(Kept(number, ""))

    def preview(self) -> None:
        number = self._any().number
        self.ask("preview", "GET", f"/contracts/{number}/")

    def picture(self) -> None:
        self.ask("picture of a page", "GET", f"/contracts/{self._any().number}/pages/1.png")

    def convert_by_page(self) -> None:
        kept = self.drafts.popleft()
        self.ask("convert", "POST", f"/contracts/{kept.number}/convert/", expect=302, form={"consent": "on"})
        told = json.loads(self.ask("API detail", "GET", f"/api/v1/contracts/{kept.number}/").body)
        self.officials.append(Kept(kept.number, told["verification_code"]))

    def download(self) -> None:
        kept = self.chance.choice(self.officials)
        kept.file = self.ask("download", "GET", f"/contracts/{kept.number}/document/?download=1").body

    def verify_code(self) -> None:
        kept = self.chance.choice(self.officials)
        page = self.ask("verify by code", "GET", f"/verify/?code={kept.code}")
        if kept.number.encode() not in page.body:
            raise Wrong(f"the code of {kept.number} does not lead to it")

    def verify_file(self) -> None:
        kept = self._with_file()
        page = self.ask("verify by file", "POST", "/verify/", file=kept.file)
        if kept.number.encode() not in page.body:
            raise Wrong(f"the file of {kept.number} is not known")

    def api_list(self) -> None:
        self.ask("API list", "GET", "/api/v1/contracts/")

    def api_list_official(self) -> None:
        self.ask("API list, official ones", "GET", "/api/v1/contracts/?status=official")

    def api_orders(self) -> None:
        self.ask("API orders for a contract", "GET", "/api/v1/orders/?eligible_for=order")

    def api_detail(self) -> None:
        self.ask("API detail", "GET", f"/api/v1/contracts/{self._any().number}/")

    def api_apply(self) -> None:
        body = {"type": "order", "order_numbers": self._take_orders(), "language": "en"}
        made = json.loads(self.ask("API create", "POST", "/api/v1/contracts/", expect=201, json=body).body)
        self.drafts.append(Kept(made["number"], made["verification_code"]))

    def api_convert(self) -> None:
        kept = self.drafts.popleft()
        told = json.loads(self.ask("API convert", "POST", f"/api/v1/contracts/{kept.number}/convert/").body)
        self.officials.append(Kept(kept.number, told["verification_code"]))

    def api_document(self) -> None:
        kept = self.chance.choice(self.officials)
        kept.file = self.ask("API document", "GET", f"/api/v1/contracts/{kept.number}/document/").body

    def api_verify_code(self) -> None:
        self.ask("API verify by code", "GET", f"/api/v1/verify/{self.chance.choice(self.officials).code}/")

    def api_verify_file(self) -> None:
        told = json.loads(self.ask("API verify by file", "POST", "/api/v1/verify/", file=self._with_file().file).body)
        if not told["authentic"]:
            raise Wrong(f"our own file is called {told}")

    def _take_orders(self) -> list[str]:
        first = self.orders.popleft()  # IndexError where none is left
        more = min(self.chance.choice((0, 0, 0, 1, 2)), len(self.orders))
        return [first, *(self.orders.popleft() for _ in range(more))]

    def _any(self) -> Kept:
        return self.chance.choice([*self.drafts, *self.officials])

    def _with_file(self) -> Kept:
        with contextlib.suppress(IndexError):
            return self.chance.choice([kept for kept in self.officials if kept.file])
        self.download()
        return self._with_file()


def _multipart(file: bytes, token: str) -> tuple[str, bytes]:
    """Content type and body of a form with a file in it."""
    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n--{edge}\r\n'
    head += 'Content-Disposition: form-data; name="file"; filename="c.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    return f"multipart/form-data; boundary={edge}", head.encode() + file + f"\r\n--{edge}--\r\n".encode()


READING = [
    *(Customer.list_page, Customer.list_official, Customer.list_older, Customer.order_list),
    *(Customer.picker, Customer.picker_all_days, Customer.picker_unpaid),
    *(Customer.preview, Customer.picture, Customer.download, Customer.verify_code, Customer.verify_file),
    *(Customer.api_list, Customer.api_list_official, Customer.api_orders, Customer.api_detail, Customer.api_document),
    *(Customer.api_verify_code, Customer.api_verify_file),
]
WRITING = [Customer.draft_by_page, Customer.convert_by_page, Customer.api_apply, Customer.api_convert]
SESSIONS = {
    "looks something up": (5, [Customer.list_page, Customer.list_official, Customer.preview, Customer.download]),
    "goes back in time": (1, [Customer.list_page, Customer.list_older, Customer.order_list]),
    "applies": (
        3,
        [
            *(Customer.list_page, Customer.picker, Customer.draft_by_page, Customer.preview, Customer.picture),
            *(Customer.convert_by_page, Customer.list_page, Customer.download),
        ],
    ),
    "program": (
        2,
        [
            *(Customer.api_list, Customer.api_orders, Customer.api_apply, Customer.api_detail, Customer.api_convert),
            Customer.api_document,
        ],
    ),
    "verifies": (1, [Customer.verify_code, Customer.verify_file, Customer.api_verify_code]),
}
"""What somebody comes for → its weight, and the steps."""
