"""Sending what is due: at least once, in order, by any number of workers at once, and no receiver delays another."""

from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from django.utils import timezone

from jobs.holding import sending_is_held
from jobs.turns import Sent
from webhooks.http_post import Outcome, post
from webhooks.models import WebhookDelivery
from webhooks.queue import Ready, claim, ready_endpoints
from webhooks.retries import record
from webhooks.signing import headers_of, secrets_of

TURN = 20.0
"""Seconds, after which nothing new is sent. A worker that is stopped finishes its turn first."""
AT_ONCE, AT_ONE_ACCOUNT = 32, 4
"""Requests in flight. Receivers of one account, however slow and many, never take more than a part of them."""
LOOK_AGAIN = 1.0
"""Seconds between looks for what came due while receivers are waited for."""
AGENT = "Electronic-Contract-Centre-Webhooks/1"


@dataclass(slots=True)
class InFlight:
    delivery: WebhookDelivery
    at: datetime


@dataclass(slots=True)
class Turn:
    """One worker's turn. Threads wait for receivers; all rows are read and written by the worker's own."""

    pool: ThreadPoolExecutor
    ends: float
    ready: deque[Ready] = field(default_factory=deque)
    """The endpoints that something may be due for, the next one first."""
    looked: float = 0.0
    in_flight: dict[Future[Outcome], InFlight] = field(default_factory=dict)
    tried: int = 0

    def send(self) -> Sent:
        """Ends when nothing is due, when all that is due is held by other workers, or when its time is over."""
        while True:
            if not self.in_flight or monotonic() - self.looked >= LOOK_AGAIN:
                self._look()
            if monotonic() < self.ends:
                self._begin()
            if not self.in_flight:
                return Sent(self.tried)
            self._finish(wait(self.in_flight, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED).done)

    def _look(self) -> None:
        self.ready = deque(ready_endpoints())
        self.looked = monotonic()

    def _begin(self) -> None:
        """Claim one delivery of each endpoint after the other, and again, as long as there is room."""
        busy = Counter(flight.delivery.endpoint.account_id for flight in self.in_flight.values())
        while self.ready and len(self.in_flight) < AT_ONCE and monotonic() < self.ends:
            endpoint = self.ready.popleft()
            if busy[endpoint.account_id] < AT_ONE_ACCOUNT and (delivery := claim(endpoint.pk)):
                busy[endpoint.account_id] += 1
                self.ready.append(endpoint)
                self._post(delivery)

    def _post(self, delivery: WebhookDelivery) -> None:
        self.tried += 1
        now = timezone.now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "Connection": "close",
            **headers_of(delivery.event_id, delivery.body, secrets_of(delivery.endpoint, now=now), at=now),
        }
        sent = self.pool.submit(post, delivery.endpoint.url, delivery.body.encode(), headers)
        self.in_flight[sent] = InFlight(delivery, now)

    def _finish(self, done: set[Future[Outcome]]) -> None:
        for future in done:
            flight = self.in_flight.pop(future)
            record(flight.delivery, future.result(), at=flight.at)
            endpoint = Ready(flight.delivery.endpoint_id, flight.delivery.endpoint.account_id)
            if endpoint not in self.ready:
                self.ready.append(endpoint)


def send_due_webhooks() -> Sent:
    """Send what is due, a little to each endpoint in turn, for TURN seconds; what was begun is waited for.

    In a restored copy all of it waits (jobs/holding.py).
    """
    if sending_is_held():
        return Sent(0, go_on=False)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        return Turn(pool, monotonic() + TURN).send()
