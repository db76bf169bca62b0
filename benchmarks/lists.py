"""The customer's contract list, on the page and by API, with 1,000,000 contracts against 10,000: all of one account,
and of many, whose largest has one in thirty.

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.lists [contracts]

As benchmarks.back_office; and a page or call takes no more than 8 statements.
"""

import os
import sys
from collections.abc import Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from accounts.models import ApiToken, Membership  # noqa: E402
from benchmarks.histories import FEW, MANY, History, compare, databases  # noqa: E402

STATEMENTS = 8
SEARCHES = (
    *("{order}", "{contract}", "{contract_part}", "{order_part}", "nothing", "unique+remark", "budget+777"),
    *("budget", "compute", "云服务器", "云", "云杉数据", "e", "fo", "zq", "鑫"),
)
SEARCH_BUDGET = 50
"""Milliseconds for a search of any text."""
GROWING = {f"{where} q={what}": "searches have a budget of their own" for where in ("page", "API") for what in SEARCHES}
PAGES = [
    *("", "page=2", "page=50", "type=order", "type=payment_request", "since=&until=", "since=&until=&page=50"),
    *("status=draft", "status=official", "status=voided", "status=invalid", "type=payment_request&status=official"),
    *(f"q={text}" for text in SEARCHES),
]
CALLS = [
    *("", "page_size=200", "type=order", "type=payment_request", "applied_to={day}"),
    *("status=draft", "status=official", "status=voided", "status=invalid"),
    "order={order}",
    *(f"q={text}" for text in SEARCHES),
]


class Customer(History):
    """The owner of the largest account is at its door, with a token in hand."""

    def __init__(self, name: str, contracts: int, accounts: int = 0) -> None:
        super().__init__(name, contracts, accounts)
        with self.open():
            membership = Membership.objects.get(account_id=1)
            self.client.force_login(membership.user)
            _token, secret = ApiToken.for_member(membership)
        self.headers = {"Authorization": f"Token {secret}"}
        number, order, day = self.row(
            "SELECT contract.number, orders_order.number, applied_at::date::text FROM contracts_contract AS contract"
            " JOIN contracts_contractorder AS line ON contract_id = contract.id JOIN orders_order ON order_id ="
            " orders_order.id WHERE contract.account_id = 1 AND contract.id <= %s ORDER BY contract.id DESC LIMIT 1",
            contracts // 2,
        )
        self.terms = {"contract": number, "order": order, "day": day}
        self.terms |= {"contract_part": number[4:10], "order_part": order[1:-1]}


def pages() -> Iterator[tuple[str, str]]:
    """What is measured, and its address with terms to fill in."""
    for query in PAGES:
        yield f"page {query}", f"/contracts/?{query}"
    for query in CALLS:
        yield f"API {query}", f"/api/v1/contracts/?{query}"


def main() -> int:
    if connection.vendor != "postgresql":
        print("Skipped: PostgreSQL makes the rows. Set DATABASE_URL.")
        return 0
    many = int(sys.argv[1]) if sys.argv[1:] else MANY
    within = []
    for name, accounts in {"one account": 1, "many accounts": 0}.items():
        print(name)
        with databases(["few", "many"]) as made:
            histories = (Customer(made[size], count, accounts) for size, count in {"few": FEW, "many": many}.items())
            within.append(
                compare(*histories, pages(), growing=GROWING, most_statements=STATEMENTS, longest=SEARCH_BUDGET)
            )
    return 0 if all(within) else 1


if __name__ == "__main__":
    if main():
        sys.exit(1)
