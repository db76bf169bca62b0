"""Render the JSON files of a bundle: the contract from its snapshot (R23), and its audit trail (R27).

Amounts are decimal strings, times ISO 8601 in UTC. Personal data are limited to what the contract's documents print: no
remarks or reasons, and only ids in the trail.
"""

import json
from datetime import UTC, datetime
from typing import Any

from common.money import plain_amount
from contracts.documents.snapshots import printed_code, verification_url
from contracts.evidence.gathering import Evidence
from contracts.models import AuditEvent
from contracts.pdf.snapshot import Line
from contracts.trail import chain


def contract_json(evidence: Evidence) -> bytes:
    """Return the contract, its parties and files, and the head of its trail."""
    contract = evidence.contract
    return _pretty(
        {
            "number": contract.number,
            "type": contract.type,
            "status": evidence.status,
            "as_of": _time(evidence.as_of),
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
                for name, one in evidence.documents.items()
            },
            "audit_trail": {"events": len(evidence.events), "last_hash": last_hash(evidence)},
        }
    )


def orders_json(evidence: Evidence) -> bytes:
    """Return the orders as frozen at drafting, in the contract's order."""
    contract = evidence.contract
    orders = [{name: line.snapshot.get(name) for name in Line.__dataclass_fields__} for line in evidence.lines]
    return _pretty(
        {
            "contract": contract.number,
            "currency": contract.currency,
            "total_amount": plain_amount(contract.total_amount, contract.currency),
            "orders": orders,
        }
    )


def trail_json(evidence: Evidence) -> bytes:
    """Return the audit trail: one event a line, in canonical form (chain.py), with its hash.

    The chain can be recomputed from this file alone, with sed and sha256sum (readme.py).
    """
    events = ",\n".join(_event(event, evidence.contract.number) for event in evidence.events)
    head = f'{{"contract":"{evidence.contract.number}","last_hash":"{last_hash(evidence)}","events":['
    return f"{head}\n{events}\n]}}\n".encode()


def last_hash(evidence: Evidence) -> str:
    """Return the hash of the last event, which depends on all events before it."""
    return evidence.events[-1].hash if evidence.events else ""


def _event(event: AuditEvent, number: str) -> str:
    return f'{{"hash":"{event.hash}","event":{chain.canonical(event, number).decode()}}}'


def _sorted(texts: dict[str, Any] | None) -> dict[str, Any] | None:
    """Sort by key: databases return JSON keys in different orders."""
    return texts and dict(sorted(texts.items()))


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _pretty(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
