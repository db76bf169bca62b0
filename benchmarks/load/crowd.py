"""The customers of a site, and what is counted while they are at it."""

import random
import statistics
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import urllib3
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.models import ApiToken, Membership
from benchmarks.load.customers import PASSWORD, SESSIONS, Answer, Customer, Line
from benchmarks.load.site import Site

ORDERS_EACH = 400
LEAST_ORDERS = 25
"""Paid orders that a customer must have left to apply for."""
Act = Callable[[Customer], None]


@dataclass
class Figures:
    """What was asked and how long it took, in seconds; threads write it."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    def tell(self, step: str, seconds: float) -> None:
        self.times[step].append(seconds)

    @property
    def all_times(self) -> list[float]:
        return [taken for times in self.times.values() for taken in times]


def percentile(times: Sequence[float], share: float) -> float:
    """Milliseconds that this share of the answers took at most."""
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def median(times: Sequence[float]) -> float:
    """Milliseconds."""
    return statistics.median(times) * 1000


def by_http(port: int) -> Line:
    """A connection that is kept open, as a proxy keeps its own."""
    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1, timeout=120, retries=False)

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        told = pool.urlopen(method, path, body=body or None, headers=headers, redirect=False)
        return Answer(told.status, told.headers, told.data)

    return send


def in_this_process() -> Line:
    """Django's test client: the same request, whose statements can be seen."""
    client = Client(raise_request_exception=True)

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        kind = headers.get("Content-Type", "application/octet-stream")
        told = client.generic(method, path, body, content_type=kind, headers=headers, REMOTE_ADDR="127.0.0.1")
        cookies = ", ".join(cookie.OutputString() for cookie in told.cookies.values())
        return Answer(told.status_code, {**told.headers, "Set-Cookie": cookies}, told.content)

    return send


def customers_of(site: Site, count: int, line: Callable[[], Line]) -> list[Customer]:
    """Owners of accounts from the largest to small ones, with a password, a token, and orders to apply for."""
    made = []
    hashed = make_password(PASSWORD)
    with site.database.open():
        ids = _accounts(site, count)
        for place, account in enumerate(ids):
            membership = Membership.objects.select_related("user").get(account_id=account)
            membership.user.password = hashed
            membership.user.save(update_fields=["password"])
            _token, secret = ApiToken.for_member(membership)
            made.append(
                Customer(
                    line=line(),
                    username=membership.user.username,
                    token=secret,
                    address=f"10.{place // 250}.{place % 250}.1",
                    orders=deque(_orders(site, account)),
                    chance=random.Random(account),
                )
            )
    return made


def _accounts(site: Site, count: int) -> list[int]:
    """Certified accounts, evenly from those by size that have enough orders; the largest is the first."""
    with site.database.connection.cursor() as cursor:
        cursor.execute(
            "SELECT accounts_account.id FROM accounts_account"
            " JOIN contracts_contract ON account_id = accounts_account.id"
            " WHERE certification = 'enterprise' GROUP BY 1 HAVING count(*) >= %s ORDER BY count(*) DESC, 1",
            [LEAST_ORDERS],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    chosen = [ids[int(len(ids) * i / count)] for i in range(min(count, len(ids)))]
    return [pk for pk in chosen if len(_orders(site, pk)) >= LEAST_ORDERS / 2]


def _orders(site: Site, account: int) -> list[str]:
    """Numbers of its newest paid orders that no contract holds."""
    with site.database.connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM orders_order AS o WHERE account_id = %s AND status = 'paid' AND product_id IN"
            " (SELECT id FROM orders_product WHERE supports_contracts) AND NOT EXISTS (SELECT 1"
            " FROM contracts_contractorder WHERE order_id = o.id AND released_at IS NULL)"
            " ORDER BY paid_at DESC, id DESC LIMIT %s",
            [account, ORDERS_EACH],
        )
        return [number for (number,) in cursor.fetchall()]


@contextmanager
def counting(customers: Iterable[Customer]) -> Any:
    """Figures of all that these customers do in the block."""
    figures = Figures()
    customers = list(customers)
    for customer in customers:
        customer.tell = figures.tell
    yield figures
    for customer in customers:
        customer.tell = lambda step, seconds: None


def begin(customer: Customer) -> None:
    """Signs in, and has one contract of its own."""
    customer.sign_in()
    customer.api_apply()
    customer.api_convert()
    customer.api_document()


def at_once(customers: Sequence[Customer], figures: Figures, act: Act, *, until: float) -> None:
    """Every customer does it again and again, all at once, until the time of `time.monotonic` has come.

    Whoever has nothing left to do it with stops.
    """

    def go_on(customer: Customer) -> None:
        try:
            while time.monotonic() < until:
                act(customer)
        except IndexError:
            return  # no orders or drafts left
        except Exception as error:  # whatever it is, it is an error of the load test, and the table shows it
            figures.errors.append(f"{customer.username}: {error!r}")

    threads = [threading.Thread(target=go_on, args=[customer]) for customer in customers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def one_session(customer: Customer) -> None:
    """What somebody comes for, chosen by weight, step by step; who has no orders left does not apply."""
    weights = {name: weight for name, (weight, _steps) in SESSIONS.items()}
    if len(customer.orders) < 3:
        weights["applies"] = weights["program"] = 0
    [chosen] = customer.chance.choices(list(weights), list(weights.values()))
    for step in SESSIONS[chosen][1]:
        step(customer)
