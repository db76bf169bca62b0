"""Contracts and void tickets on a customer's page."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.admin.customer import (
    MAX_SECTION_ROWS,
    CustomerSection,
    count_rows,
    register_section,
    sum_by_status,
)
from accounts.models import Account
from contracts.models import Contract, VoidTicket
from contracts.models.querysets import MAX_UNSETTLED


def _load_contracts(account: Account, now: datetime) -> dict[str, Any]:
    contracts = Contract.objects.of(account)
    lapsed = Contract.objects.due(now, limit=MAX_UNSETTLED, account=account)
    status_at = Case(When(pk__in=lapsed, then=Value("invalid")), default=F("status"), output_field=CharField())
    latest = contracts.with_status_at(now)[:MAX_SECTION_ROWS]
    count, sums = sum_by_status(
        contracts.annotate(current=status_at),
        status="current",
        amount="total_amount",
        labels=Contract.Status.choices,
    )
    rows = [(contract, Contract.Status(contract.status_at)) for contract in latest]
    return {"rows": rows, "count": count, "sums": sums}


def _load_tickets(account: Account, now: datetime) -> dict[str, Any]:
    tickets = VoidTicket.objects.filter(contract__account=account)
    latest = tickets.with_status_at(now).select_related("contract")[:MAX_SECTION_ROWS]
    rows = [(ticket, VoidTicket.Status(ticket.status_at)) for ticket in latest]  # type: ignore[attr-defined]  # annotated
    return {"rows": rows, "count": count_rows(tickets)}


register_section(
    CustomerSection(
        model=Contract,
        title=_("Contracts"),
        template="admin/contracts/_customer_contracts.html",
        load=_load_contracts,
        position=10,
        leaves_out_tests=True,
    )
)
register_section(
    CustomerSection(
        model=VoidTicket,
        title=_("Void tickets"),
        template="admin/contracts/_customer_tickets.html",
        load=_load_tickets,
        position=20,
        query="status=all&",
    )
)
