"""The JSON files of a bundle: what the contract says, from its snapshot (R23), and what happened to it (R27).

Amounts are decimal strings, times ISO 8601 in UTC. Nothing of a person that the contract's own documents do not name:
no remarks, no reasons; the trail has ids alone.
"""

import json
from datetime import UTC, datetime
from typing import Any

from common.money import plain_amount
from contracts.documents.snapshots import printed_code, verification_url
from contracts.evidence.gathering import Known
from contracts.models import AuditEvent
from contracts.pdf.snapshot import Line
from contracts.trail import chain


def contract_json(known: Known) -> bytes:
    """The contract, its parties and files, and the end of its trail."""
    contract = known.contract
    return _pretty(
        {
            "number": contract.number,
            "type": contract.type,
            "status": known.status,
            "as_of": _time(known.as_of),
            "language": contract.language,
            "currency": contract.currency,
            "total_amount": plain_amount(contract.total_amount, contract.currency),
            "order_numbers": contract.order_numbers,
            "applied_at": _time(contract.applied_at),
            "official_at": _time(contract.official_at),
            "voided_at": _time(contract.voided_at),
            "invalid_at": _time(contract.invalid_since),
            "valid_from": _time(contract.valid_from),
            "valid_until": _time(contract.valid_until),
            "expires_at": _time(contract.expires_at),
            "party_a": _sorted(contract.party_a),
            "party_b": _sorted(contract.party_b),
            "remittance_account": _sorted(contract.remittance_account),
            "verification_code": printed_code(contract.verification_code),
            "verification_url": verification_url(contract),
            "documents": {
                name: {"sha256": one.sha256, "size": one.size, "pages": one.pages, "created_at": _time(one.created_at)}
                for name, one in known.documents.items()
            },
            "audit_trail": {"events": len(known.events), "last_hash": last_hash(known)},
        }
    )


def orders_json(known: Known) -> bytes:
    """The orders as the contract was drafted from them, in its order."""
    contract = known.contract
    orders = [{name: line.snapshot.get(name) for name in Line.__dataclass_fields__} for line in known.lines]
    return _pretty(
        {
            "contract": contract.number,
            "currency": contract.currency,
            "total_amount": plain_amount(contract.total_amount, contract.currency),
            "orders": orders,
        }
    )


def trail_json(known: Known) -> bytes:
    """The audit trail, one event a line in the form that its hash is taken over (chain.py), with that hash.

    So the chain is recomputed from this file alone, with sed and sha256sum (readme.py).
    """
    events = ",\n".join(_event(event, known.contract.number) for event in known.events)
    head = f'{{"contract":"{known.contract.number}","last_hash":"{last_hash(known)}","events":['
    return f"{head}\n{events}\n]}}\n".encode()


def last_hash(known: Known) -> str:
    """The hash of the latest event, which the whole trail hangs on."""
    return known.events[-1].hash if known.events else ""


def _event(event: AuditEvent, number: str) -> str:
    return f'{{"hash":"{event.hash}","event":{chain.canonical(event, number).decode()}}}'


def _sorted(texts: dict[str, Any] | None) -> dict[str, Any] | None:
    """In alphabetical order: databases keep the keys of JSON in orders of their own."""
    return texts and dict(sorted(texts.items()))


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _pretty(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
