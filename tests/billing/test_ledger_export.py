"""The export of the ledger (R43)."""

import csv
from decimal import Decimal
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import LedgerEntry
from tests.factories import MembershipFactory

pytestmark = pytest.mark.rule("R43")


def test_entries_come_oldest_first_with_the_balance_after_each(membership):
    for amount in ("100.00", "-30.50"):
        LedgerEntry.objects.create(account=membership.account, amount=Decimal(amount), booked_at=timezone.now())
    LedgerEntry.objects.create(account=MembershipFactory().account, amount=Decimal(7), booked_at=timezone.now())
    client = Client()
    client.force_login(membership.user)

    answer = client.get("/account/ledger/export/?format=csv")

    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row["Amount"], row["Balance"]) for row in rows] == [("100.00", "100.00"), ("-30.50", "69.50")]
    assert client.get("/account/ledger/export/?format=pdf").status_code == 400
