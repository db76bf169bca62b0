"""Render the JSON files of a bundle: the contract as drafted (R36), its status and its audit trail (R27).

Amounts are decimal strings, times ISO 8601 in UTC. Personal data are limited to what the contract's documents print: no
remarks or reasons, and only ids in the trail.
"""

import json
from datetime import UTC, datetime
from typing import Any

from common.money import plain_amount
from contracts.documents.canonical import recorded_json
from contracts.evidence.gathering import Evidence
from contracts.models import AuditEvent
from contracts.pdf.snapshot import Line
from contracts.trail import chain
from orders.facts import FACTS


def contract_json(evidence: Evidence) -> bytes:
    """Return the canonical form of what the contract says. Raises Refused `storage_unavailable` if the rows changed."""
    [drafted] = [event for event in evidence.events if event.kind == AuditEvent.Kind.DRAFTED]
    lines = [line.snapshot for line in evidence.lines]
    return recorded_json(evidence.contract, lines, drafted.data.get("contract_json", ""))


def status_json(evidence: Evidence) -> bytes:
    """Return the contract's current status and times, its files, and the head of its trail."""
    contract = evidence.contract
    return _pretty(
        {
            "number": contract.number,
            **({"test": True} if contract.is_test else {}),
            "status": evidence.status,
            "as_of": _time(evidence.as_of),
            "applied_at": _time(contract.applied_at),
            "official_at": _time(contract.official_at),
            "voided_at": _time(contract.voided_at),
            "invalid_at": _time(contract.invalid_since),
            "valid_from": _time(contract.valid_from),
            "valid_until": _time(contract.valid_until),
            "expires_at": _time(contract.expires_at),
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
    names = dict.fromkeys((*Line.__dataclass_fields__, *(fact.name for fact in FACTS)))  # always in the same order
    orders = [{name: line.snapshot[name] for name in names if name in line.snapshot} for line in evidence.lines]
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


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _pretty(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
