"""Send due deliveries: at least once, in order per subject, by any number of workers, without slow receivers blocking
others."""

from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from django.utils import timezone

from jobs.holding import is_sending_held
from jobs.turns import TurnResult
from webhooks.http_post import PostResult, post
from webhooks.models import WebhookDelivery
from webhooks.queue import ReadyEndpoint, claim_delivery, find_ready_endpoints
from webhooks.retries import record_attempt
from webhooks.signing import headers_of, secrets_of

MAX_TURN_SECONDS = 20.0
"""Time after which no new request is started. A worker that is asked to stop finishes its turn first."""
MAX_CONCURRENT_REQUESTS, MAX_CONCURRENT_REQUESTS_PER_ACCOUNT = 32, 4
"""The limit per account keeps slow receivers of one account from using all connections."""
POLL_INTERVAL_SECONDS = 1.0
"""How often to look for newly due deliveries while requests are in flight."""
USER_AGENT = "Electronic-Contract-Centre-Webhooks/1"


@dataclass(slots=True)
class InFlight:
    delivery: WebhookDelivery
    at: datetime


@dataclass(slots=True)
class SendingTurn:
    """One worker's turn. Pool threads send the requests; only the worker's own thread uses the database."""

    pool: ThreadPoolExecutor
    deadline: float
    """When to start no more requests (monotonic)."""
    ready: deque[ReadyEndpoint] = field(default_factory=deque)
    """The endpoints that may have a due delivery, the next one first."""
    polled_at: float = 0.0
    in_flight: dict[Future[PostResult], InFlight] = field(default_factory=dict)
    attempted: int = 0

    def send(self) -> TurnResult:
        """Send until nothing is due, other workers have claimed all due deliveries, or the deadline has passed."""
        while True:
            if not self.in_flight or monotonic() - self.polled_at >= POLL_INTERVAL_SECONDS:
                self._poll()
            if monotonic() < self.deadline:
                self._start_requests()
            if not self.in_flight:
                return TurnResult(self.attempted)
            self._finish(wait(self.in_flight, timeout=POLL_INTERVAL_SECONDS, return_when=FIRST_COMPLETED).done)

    def _poll(self) -> None:
        self.ready = deque(find_ready_endpoints())
        self.polled_at = monotonic()

    def _start_requests(self) -> None:
        """Claim deliveries of the ready endpoints in rotation until the limits are reached."""
        busy = Counter(flight.delivery.endpoint.account_id for flight in self.in_flight.values())
        while self.ready and len(self.in_flight) < MAX_CONCURRENT_REQUESTS and monotonic() < self.deadline:
            endpoint = self.ready.popleft()
            has_room = busy[endpoint.account_id] < MAX_CONCURRENT_REQUESTS_PER_ACCOUNT
            if has_room and (delivery := claim_delivery(endpoint.pk)):
                busy[endpoint.account_id] += 1
                self.ready.append(endpoint)
                self._post(delivery)

    def _post(self, delivery: WebhookDelivery) -> None:
        self.attempted += 1
        now = timezone.now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "Connection": "close",
            **headers_of(delivery.event_id, delivery.body, secrets_of(delivery.endpoint, now=now), at=now),
        }
        sent = self.pool.submit(post, delivery.endpoint.url, delivery.body.encode(), headers)
        self.in_flight[sent] = InFlight(delivery, now)

    def _finish(self, done: set[Future[PostResult]]) -> None:
        for future in done:
            flight = self.in_flight.pop(future)
            record_attempt(flight.delivery, future.result(), at=flight.at)
            endpoint = ReadyEndpoint(flight.delivery.endpoint_id, flight.delivery.endpoint.account_id)
            if endpoint not in self.ready:
                self.ready.append(endpoint)


def send_due_webhooks() -> TurnResult:
    """Send due deliveries for MAX_TURN_SECONDS, with endpoints in rotation, and wait for the requests in flight.

    In a restored copy nothing is sent (jobs/holding.py).
    """
    if is_sending_held():
        return TurnResult(0, can_continue=False)
    with ThreadPoolExecutor(MAX_CONCURRENT_REQUESTS, thread_name_prefix="webhook") as pool:
        return SendingTurn(pool, monotonic() + MAX_TURN_SECONDS).send()
