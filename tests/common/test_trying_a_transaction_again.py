"""A transaction that PostgreSQL broke off for the sake of another is tried again, a few times and in one place."""

import re
from pathlib import Path

import pytest
from django.db import OperationalError, transaction

from common.transactions import MAX_ATTEMPTS, in_transaction
from tests.apps import APPS


class Deadlock(Exception):
    sqlstate = "40P01"


class OutOfDisk(Exception):
    sqlstate = "53100"


def failing(times, cause):
    """A service that fails `times` times, and a list that grows with its runs."""
    runs = []

    @in_transaction
    def service():
        runs.append(transaction.get_connection().in_atomic_block)
        if len(runs) <= times:
            raise OperationalError from cause()
        return "done"

    return service, runs


@pytest.mark.django_db(transaction=True)
def test_after_a_deadlock_it_passes_the_next_time():
    service, runs = failing(MAX_ATTEMPTS - 1, Deadlock)
    assert service() == "done"
    assert runs == [True] * MAX_ATTEMPTS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("cause", "expected"), [(Deadlock, MAX_ATTEMPTS), (OutOfDisk, 1)])
def test_it_gives_up_in_the_end_and_at_once_for_any_other_failure(cause, expected):
    service, runs = failing(99, cause)
    with pytest.raises(OperationalError):
        service()
    assert len(runs) == expected


@pytest.mark.django_db(transaction=True)
def test_within_a_callers_transaction_it_is_the_callers_to_try_again():
    service, runs = failing(99, Deadlock)
    with pytest.raises(OperationalError), transaction.atomic():
        service()
    assert len(runs) == 1


def test_every_service_that_is_a_transaction_is_retried():
    """A service decorated with Django's `atomic` alone fails where PostgreSQL asks for another attempt."""
    root = Path(__file__).resolve().parents[2]
    files = [file for app in APPS for file in (root / app).rglob("*.py")]
    assert [file.name for file in files if re.search(r"^@transaction\.atomic", file.read_text(), re.MULTILINE)] == []
