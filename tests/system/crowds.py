"""Thousands of contracts, copied in bulk from one that was drafted as any other."""

from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import Account, Membership
from contracts.documents.canonical import contract_json
from contracts.models import AuditEvent, Contract, ContractDocument, ContractOrder
from contracts.models.contract import new_number, new_verification_code
from contracts.trail import record as audit
from orders.models import Order
from tests import factories

ORDERS = 2
"""Of each contract."""
ACTING = 2
"""Members of each account who are written to; a viewer, who is not, comes with them."""
Row = TypeVar("Row", bound=Model)


def due_contracts(count: int, *, accounts: int = 5) -> None:
    """Live payment request contracts whose time, and that of their orders, came a minute ago. Needs an issuer."""
    since = timezone.now() - timedelta(minutes=1)
    for _ in range(accounts):
        first = factories.draft(_owner_with_others(), type="payment_request", count=ORDERS)
        Order.objects.filter(contract_lines__contract=first).update(
            payment_deadline=since, ordered_at=since - timedelta(days=7)
        )
        Contract.objects.filter(pk=first.pk).update(
            applied_at=since - timedelta(days=1), expires_at=since, valid_until=since, reminded_at=since
        )
        copies(Contract.objects.get(pk=first.pk), count // accounts - 1)
    _let_the_database_know()


def _let_the_database_know() -> None:
    """PostgreSQL plans by what it last knew of a table's size; otherwise it finds out some time later."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contracts_contract, contracts_contractorder, orders_order")


def _owner_with_others():
    account: Account = factories.PartyProfileFactory().account
    members = [
        factories.MembershipFactory(
            account=account, role=role, user__email=f"{role}@{account.number}.example", user__is_active=True
        )
        for role in (Membership.Role.OWNER, Membership.Role.FINANCE, Membership.Role.VIEWER)
    ]
    return actor_of(members[0], "page")


def copies(first: Contract, count: int) -> None:
    """Sound ones of a draft, with orders of their own and its document."""
    lines, clauses = list(first.lines.select_related("order")), first.clause_version
    clauses.known_texts = clauses.texts()
    contracts = Contract.objects.bulk_create(
        _copy(first, number=new_number(), verification_code=new_verification_code(), order_numbers=_numbers(lines, n))
        for n in range(count)
    )
    _let_the_database_know()
    for place, line in enumerate(lines):
        numbers = [contract.order_numbers[place] for contract in contracts]
        orders = Order.objects.bulk_create(_copy(line.order, number=number) for number in numbers)
        ContractOrder.objects.bulk_create(
            _copy(line, contract_id=contract.pk, order_id=order.pk, snapshot=line.snapshot | {"number": order.number})
            for contract, order in zip(contracts, orders, strict=True)
        )
    document, event = first.documents.get(), first.events.get()
    ContractDocument.objects.bulk_create(_copy(document, contract_id=contract.pk) for contract in contracts)
    told = {name: getattr(event, name) for name in ("kind", "actor_id", "source", "at")}
    events = []
    for contract in contracts:
        contract.clause_version = clauses
        frozen = [
            line.snapshot | {"number": number} for line, number in zip(lines, contract.order_numbers, strict=True)
        ]
        hash_ = sha256(contract_json(contract, frozen)).hexdigest()
        events.append(AuditEvent(contract=contract, data=event.data | {"contract_json": hash_}, **told))
    audit.record(events)


def _numbers(lines: list[ContractOrder], copy: int) -> list[str]:
    return [f"{line.order.number}-{copy}" for line in lines]


def _copy(row: Row, **changes: object) -> Row:
    fields = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**{**fields, **changes})
