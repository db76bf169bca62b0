"""Freeze rows as JSON when a contract is drafted, and read its content from there ever after (R23)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from accounts.models import Account, Issuer, PartyProfile
from common.money import plain_amount, plain_percent
from contracts.models import Contract
from contracts.pdf.labels import Language
from contracts.pdf.snapshot import ContractSnapshot, Line, Party, Remittance
from orders.facts import FACTS, Fact, Type
from orders.models import Order

FrozenLine = dict[str, Any]
DECIMALS = tuple(fact.name for fact in FACTS if fact.type in (Type.AMOUNT, Type.PERCENT))
TIMES = ("payment_deadline", "paid_at", *(fact.name for fact in FACTS if fact.type is Type.TIME))
ADDED_DETAILS = ("legal_representative", "signing_place")
DETAILS = tuple(fact.name for fact in FACTS if fact.printed and fact.name not in Line.__dataclass_fields__)
"""Printed facts that have no place of their own in the document: they are printed with their label."""


def freeze_party_a(account: Account, name: str, profile: PartyProfile) -> dict[str, str]:
    """Return Party A as printed in the contract; `name` is the certified name (R11)."""
    verified = {"credit_code": account.credit_code} if account.credit_code else {}
    return {"name": name, **_given(profile.details()), "account_number": account.number, **verified}


def freeze_party_b(issuer: Issuer) -> dict[str, str]:
    """Return Party B as printed in the contract."""
    return {"name": issuer.name, **_given(issuer.details())}


def _given(details: dict[str, str]) -> dict[str, str]:
    """Leave out details that were added later and are empty, so that such parties are the same as before."""
    return {name: text for name, text in details.items() if text or name not in ADDED_DETAILS}


def freeze_line(order: Order) -> FrozenLine:
    """Return an order as JSON; amounts are decimal strings, times ISO 8601 with offset."""
    return {
        "number": order.number,
        "product_name": order.product.name,
        **{fact.name: _freeze(fact, order) for fact in FACTS if fact.printed and _is_given(fact, order)},
        "ordered_at": order.ordered_at.isoformat(),
        "payment_deadline": order.payment_deadline.isoformat(),
        "paid_at": order.paid_at and order.paid_at.isoformat(),
    }


def _is_given(fact: Fact, order: Order) -> bool:
    """Return False for an optional fact that the order lacks, so that its line is the same as before the fact."""
    return not fact.optional or getattr(order, fact.name) not in (None, "")


def _freeze(fact: Fact, order: Order) -> Any:
    value = getattr(order, fact.name)
    if value is None:
        return None
    if fact.type is Type.AMOUNT:
        return plain_amount(value, order.currency)
    if fact.type is Type.PERCENT:
        return plain_percent(value)
    return value.isoformat() if fact.type is Type.TIME else value


def read_line(frozen: FrozenLine) -> Line:
    """Parse a frozen line. It lacks facts that were declared later."""
    values = {name: frozen[name] for name in Line.__dataclass_fields__ if name in frozen}
    for name, value in values.items():
        if value and name in DECIMALS:
            values[name] = Decimal(value)
        elif value and name in TIMES:
            values[name] = datetime.fromisoformat(value)
    return Line(**values, details=tuple((name, frozen[name]) for name in DETAILS if frozen.get(name)))


def read_snapshot(contract: Contract, lines: Iterable[FrozenLine]) -> ContractSnapshot:
    """Return the content of the contract's document. `lines` are in order."""
    remittance = contract.remittance_account
    return ContractSnapshot(
        number=contract.number,
        is_test=contract.is_test,
        po_number=contract.po_number,
        type=contract.contract_type.document,
        language=cast(Language, contract.language),
        currency=contract.currency,
        total_amount=contract.total_amount,
        party_a=Party(**contract.party_a),
        party_b=Party(**contract.party_b),
        lines=tuple(read_line(line) for line in lines),
        applied_at=contract.applied_at,
        time_zone=ZoneInfo(contract.time_zone),
        clauses=contract.clause_version.texts(),
        clause_version=contract.clause_version.version,
        verification_code=printed_code(contract.verification_code),
        verification_url=contract.verification_url,
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
    texts.append(("/po_number", snapshot.po_number))
    for i, line in enumerate(snapshot.lines):
        own = f"{line.number}{line.product_name}{line.configuration}{line.region}{line.unit}"
        texts.append((f"/order_numbers/{i}", own + "".join(text for _label, text in line.details)))
    if snapshot.remittance:
        texts.append(
            (
                "/remittance_account",
                f"{snapshot.remittance.payee}{snapshot.remittance.bank}{snapshot.remittance.account_number}",
            )
        )
    return texts
