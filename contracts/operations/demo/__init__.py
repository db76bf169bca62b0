"""Demo data: people, orders relative to today, and first contracts. Running it on another day adds that day's."""

from datetime import datetime

from django.db import transaction

from contracts.operations.demo.contracts import make_first_contracts, make_test_contracts
from contracts.operations.demo.orders import add_orders
from contracts.operations.demo.people import make_people
from contracts.operations.demo.waiting import make_staff_tasks

__all__ = ["seed"]


def seed(*, now: datetime) -> int:
    """Create missing demo data as of `now` (aware) and reset the passwords. Return the number of new orders.

    Existing data stay unchanged. The first contracts are made once, and only if a seal can be used.
    """
    with transaction.atomic():
        members = make_people(now=now)
        count = add_orders(now=now)
    make_first_contracts(members["demo"])
    make_staff_tasks(members["clerk"])
    make_test_contracts(members["sandbox"])
    return count
