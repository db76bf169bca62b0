"""Freeze rows as JSON when a contract is drafted, and read its content from there ever after (R23)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.urls import reverse

from accounts.models import Account, Issuer, PartyProfile
from common.money import plain_amount
from contracts.models import Contract
from contracts.pdf.labels import Language
from contracts.pdf.snapshot import ContractSnapshot, Line, Party, Remittance
from orders.models import Order

TIMES = ("ordered_at", "payment_deadline", "paid_at", "service_start", "service_end")
FrozenLine = dict[str, Any]
AMOUNTS = ("list_amount", "payable_amount")


def freeze_party_a(account: Account, name: str, profile: PartyProfile) -> dict[str, str]:
    """Return Party A as printed in the contract; `name` is the certified name (R11)."""
    return {"name": name, **profile.details(), "account_number": account.number}


def freeze_party_b(issuer: Issuer) -> dict[str, str]:
    """Return Party B as printed in the contract."""
    return {"name": issuer.name, **issuer.details()}


def freeze_line(order: Order) -> FrozenLine:
    """Return an order as JSON; amounts are decimal strings, times ISO 8601 with offset."""
    return {
        "number": order.number,
        "product_name": order.product.name,
        "kind": order.kind,
        "configuration": order.configuration,
        "region": order.region,
        "quantity": order.quantity,
        "list_amount": plain_amount(order.list_amount, order.currency),
        "payable_amount": plain_amount(order.payable_amount, order.currency),
        "ordered_at": order.ordered_at.isoformat(),
        "payment_deadline": order.payment_deadline.isoformat(),
        "paid_at": order.paid_at and order.paid_at.isoformat(),
        "service_start": order.service_start and order.service_start.isoformat(),
        "service_end": order.service_end and order.service_end.isoformat(),
    }


def read_line(frozen: FrozenLine) -> Line:
    """Parse a frozen line."""
    values: dict[str, Any] = dict(frozen)
    for name in AMOUNTS:
        values[name] = Decimal(values[name])
    for name in TIMES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    return Line(**values)


def read_snapshot(contract: Contract, lines: Iterable[FrozenLine]) -> ContractSnapshot:
    """Return the content of the contract's document. `lines` are in order; the account sets the time zone."""
    remittance = contract.remittance_account
    return ContractSnapshot(
        number=contract.number,
        type=contract.contract_type.document,
        language=cast(Language, contract.language),
        currency=contract.currency,
        total_amount=contract.total_amount,
        party_a=Party(**contract.party_a),
        party_b=Party(**contract.party_b),
        lines=tuple(read_line(line) for line in lines),
        applied_at=contract.applied_at,
        time_zone=contract.account.tzinfo,
        clauses=contract.clause_version.texts() if contract.clause_version else (),
        clause_version=contract.clause_version.version if contract.clause_version else 0,
        verification_code=printed_code(contract.verification_code),
        verification_url=verification_url(contract),
        valid_from=contract.valid_from,
        valid_until=contract.valid_until,
        remittance=Remittance(**remittance) if remittance else None,
    )


def verification_url(contract: Contract) -> str:
    """Return the public URL of the contract's status, which is printed as a QR code."""
    return f"{settings.SITE_URL}{reverse('verify')}?code={contract.verification_code}"


def printed_code(code: str) -> str:
    """Format a verification code in groups of four."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def texts_of(snapshot: ContractSnapshot) -> list[tuple[str, str]]:
    """Return every text from customers or the issuer, with the pointer of its field or order (R28)."""
    texts = [(f"/party_a/{name}", getattr(snapshot.party_a, name)) for name in Party.__dataclass_fields__]
    texts += [("/party_b", getattr(snapshot.party_b, name)) for name in Party.__dataclass_fields__]
    for i, line in enumerate(snapshot.lines):
        texts.append((f"/order_numbers/{i}", f"{line.number}{line.product_name}{line.configuration}{line.region}"))
    if snapshot.remittance:
        texts.append(
            (
                "/remittance_account",
                f"{snapshot.remittance.payee}{snapshot.remittance.bank}{snapshot.remittance.account_number}",
            )
        )
    return texts
