"""Calls a second of the API, against a bare Django view that answers JSON: `.venv/bin/python -m benchmarks.api`.

Each is answered by a WSGI handler in this process, as a gunicorn worker of one thread does, without the socket: ours
with all its middleware and the database (SQLite, or PostgreSQL by DATABASE_URL), the bare one with neither. The least
of RUNS times each, taken in turns: by the clock, and of CPU, which ratios and calls a second are of, since a busy
machine makes long calls wait more often than short ones. Calls are counted for their limit (in Redis by
REDIS_URL), but in the last line.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.urls import include, path  # noqa: E402

from accounts.access.actors import actor_of  # noqa: E402
from accounts.models import ApiToken  # noqa: E402
from benchmarks.own_system import own_system  # noqa: E402
from contracts.models import Contract  # noqa: E402
from contracts.services import void_draft  # noqa: E402
from tests import factories  # noqa: E402

RUNS = 40
ORDERS = 5
CONTRACTS = 50
UNREACHED = 1_000_000_000
ANSWER = {"number": "EC0123456789AB", "type": "order", "status": "draft", "total_amount": "1080.50", "remarks": ""}


def bare(request: HttpRequest) -> JsonResponse:
    return JsonResponse(ANSWER)


urlpatterns = [path("bare/", bare), path("", include("config.urls"))]


class Caller:
    """An owner with a token, whose account has a page of contracts."""

    def __init__(self) -> None:
        factories.IssuerFactory()
        membership = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
        self.actor = actor_of(membership, "api")
        self.token = ApiToken.for_member(membership)[1]
        drafts = [factories.draft(self.actor, count=ORDERS) for _ in range(CONTRACTS)]
        self.kept = {contract.pk for contract in drafts}
        self.number = drafts[0].number
        product = factories.ProductFactory()
        made = [factories.PaidOrderFactory(account=self.actor.account, product=product) for _ in range(ORDERS)]
        self.body = json.dumps({"type": "order", "order_numbers": [order.number for order in made]})
        self.ours = WSGIHandler()
        with override_settings(MIDDLEWARE=[]):
            self.plain = WSGIHandler()

    def ask(self, handler: WSGIHandler, method: str, address: str, body: str = "") -> None:
        given: Any = {"HTTP_AUTHORIZATION": f"Token {self.token}", "SERVER_NAME": "testserver"}
        request = RequestFactory().generic(method, address, body, content_type="application/json", **given)
        answer = handler(request.environ, lambda status, headers: None)
        assert b"".join(answer), address
        assert answer.status_code in (200, 201), (address, answer.status_code)
        answer.close()

    def release(self) -> None:
        for contract in Contract.objects.filter(status="draft").exclude(pk__in=self.kept):
            void_draft(contract=contract, by=self.actor)

    def calls(self) -> dict[str, Callable[[], None]]:
        return {
            "bare": lambda: self.ask(self.plain, "GET", "/bare/"),
            "detail": lambda: self.ask(self.ours, "GET", f"/api/v1/contracts/{self.number}/"),
            f"list of {CONTRACTS}": lambda: self.ask(self.ours, "GET", "/api/v1/contracts/"),
            f"create, {ORDERS} orders": lambda: self.ask(self.ours, "POST", "/api/v1/contracts/", self.body),
        }


def least(calls: dict[str, Callable[[], None]], after: Callable[[], None]) -> dict[str, tuple[float, float]]:
    """Seconds that each takes at best, by the clock and of CPU: what else the machine does only ever adds."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(RUNS):
        for name, call in calls.items():
            started, worked = time.perf_counter(), time.process_time()
            call()
            times[name].append((time.perf_counter() - started, time.process_time() - worked))
        after()
    return {name: (min(clock for clock, _ in taken), min(cpu for _, cpu in taken)) for name, taken in times.items()}


def measure() -> None:
    caller = Caller()
    calls = caller.calls()
    with override_settings(API_RATE=UNREACHED):
        taken = least(calls, caller.release)
    with override_settings(API_RATE=0):
        uncounted = least({"bare": calls["bare"], "detail, not counted": calls["detail"]}, lambda: None)
    print(f"{connection.vendor}\n{'':<22}{'ms':>8}{'CPU ms':>8}{'a second':>10}{'times bare':>12}")
    for name, (clock, cpu) in {**taken, "detail, not counted": uncounted["detail, not counted"]}.items():
        ratio = cpu / taken["bare"][1]
        print(f"{name:<22}{clock * 1000:>8.2f}{cpu * 1000:>8.2f}{1 / cpu:>10.0f}{ratio:>12.1f}", flush=True)


def main() -> None:
    logging.disable(logging.INFO)  # a line for every request, which a terminal takes longer to show than we to write
    with own_system(ALLOWED_HOSTS=["testserver"], ROOT_URLCONF="benchmarks.api"):
        measure()


if __name__ == "__main__":
    sys.exit(main())
