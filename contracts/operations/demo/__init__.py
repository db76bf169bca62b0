"""Demo data: people, orders relative to today, and first contracts. Made again on another day, it adds that day's."""

from datetime import datetime

from django.db import transaction

from contracts.operations.demo.contracts import make_first_contracts
from contracts.operations.demo.orders import add_orders
from contracts.operations.demo.people import make_people
from contracts.operations.demo.waiting import make_what_waits

__all__ = ["seed"]


def seed(*, now: datetime) -> int:
    """Make what is missing of the demo data as of `now` (aware), and reset the passwords; returns how many orders.

    What is there stays as it is, whoever changed it meanwhile. The first contracts are made once, and only where a
    seal can be used.
    """
    with transaction.atomic():
        members = make_people(now=now)
        count = add_orders(now=now)
    make_first_contracts(members["demo"])
    make_what_waits(members["clerk"])
    return count
