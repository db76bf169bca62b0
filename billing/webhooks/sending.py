"""Sending what is due: at least once, in order, by any number of workers at once, and no receiver holds up another."""

from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from django.utils import timezone

from billing.holding import sending_is_held
from billing.models import WebhookDelivery
from billing.webhooks.outcomes import record
from billing.webhooks.posting import Outcome, post
from billing.webhooks.queue import claim, ready_endpoints
from billing.webhooks.signing import headers_of, secrets_of

TURN = 20.0
"""Seconds, then nothing more is begun: receivers must not keep a worker from its other tasks."""
AT_ONCE, AT_ONE_ENDPOINT = 16, 4
LOOK_AGAIN = 1.0
"""Seconds between looks for what came due while receivers are waited for."""
AGENT = "Electronic-Contract-Centre-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Sent:
    tried: int
    more: bool
    """Whether the turn ended before all was sent that was due."""


@dataclass(slots=True)
class InFlight:
    delivery: WebhookDelivery
    at: datetime


@dataclass(slots=True)
class Turn:
    """One worker's turn. Threads wait for receivers; all rows are read and written by the worker's own."""

    pool: ThreadPoolExecutor
    ends: float
    ready: deque[int] = field(default_factory=deque)
    """Ids of the endpoints that something may be due for, the next one first."""
    looked: float = 0.0
    in_flight: dict[Future[Outcome], InFlight] = field(default_factory=dict)
    tried: int = 0

    def send(self) -> Sent:
        self._look()
        while self.ready or self.in_flight:
            if monotonic() < self.ends:
                self._begin()
            elif not self.in_flight:
                self._look()
                return Sent(self.tried, more=bool(self.ready))
            self._finish(wait(self.in_flight, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED).done)
            if monotonic() - self.looked >= LOOK_AGAIN or not (self.ready or self.in_flight):
                self._look()
        return Sent(self.tried, more=False)

    def _look(self) -> None:
        self.ready = deque(ready_endpoints())
        self.looked = monotonic()

    def _begin(self) -> None:
        """Claim one delivery of each endpoint after the other, and again, as long as there is room."""
        busy = Counter(flight.delivery.endpoint_id for flight in self.in_flight.values())
        while self.ready and len(self.in_flight) < AT_ONCE and monotonic() < self.ends:
            endpoint_id = self.ready.popleft()
            if busy[endpoint_id] < AT_ONE_ENDPOINT and (delivery := claim(endpoint_id)):
                busy[endpoint_id] += 1
                self.ready.append(endpoint_id)
                self._post(delivery)

    def _post(self, delivery: WebhookDelivery) -> None:
        self.tried += 1
        now = timezone.now()
        body = delivery.body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "Connection": "close",
            **headers_of(delivery.event_id, body, secrets_of(delivery.endpoint, now=now), at=now),
        }
        self.in_flight[self.pool.submit(post, delivery.endpoint.url, body, headers)] = InFlight(delivery, now)

    def _finish(self, done: set[Future[Outcome]]) -> None:
        for future in done:
            flight = self.in_flight.pop(future)
            record(flight.delivery, future.result(), at=flight.at)
            if flight.delivery.endpoint_id not in self.ready:
                self.ready.append(flight.delivery.endpoint_id)


def send_due_webhooks() -> Sent:
    """Send what is due, a little to each endpoint in turn, for TURN seconds; what was begun is waited for.

    In a restored copy all of it waits (billing/holding.py).
    """
    if sending_is_held():
        return Sent(0, more=False)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        return Turn(pool, monotonic() + TURN).send()
