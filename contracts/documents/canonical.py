"""contract.json: the one canonical form of what a contract says (R36). docs/contract-json.md describes its members."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.errors import Refused
from contracts.documents import files as documents
from contracts.documents.downloads import file_response
from contracts.documents.snapshots import FrozenLine, printed_code
from contracts.models import AuditEvent, Contract
from contracts.pdf.labels import Language, get_languages

FORMAT = "electronic-contract"
VERSION = 1
"""Rises only if a member changes its meaning. Facts added later are members that earlier contracts lack."""
EXACT = Context(prec=60, traps=[Inexact])
"""No amount that a database holds has more digits."""
UNREADABLE = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, ObjectDoesNotExist)
"""Errors of rows that were changed to what no service writes."""


def contract_json(contract: Contract, lines: Sequence[FrozenLine]) -> bytes:
    """Return what the contract says, as canonical JSON (RFC 8785): the same bytes when drafted and ever after.

    `lines` are the frozen orders, in order. Everything comes from stored columns: a change of the settings, the account
    or a currency's decimals must not change the bytes. `contract` may be unsaved.

    Raises one of UNREADABLE for rows that no service wrote.
    """
    return canonical_bytes(
        {
            "format": FORMAT,
            "version": VERSION,
            "number": contract.number,
            **({"test": True} if contract.is_test else {}),
            **({"po_number": contract.po_number} if contract.po_number else {}),
            "type": contract.type,
            "language": contract.language,
            "currency": contract.currency,
            "total_amount": _with_decimals_of(lines[0]["payable_amount"], contract.total_amount),
            "order_count": contract.order_count,
            "orders": lines,
            "party_a": contract.party_a,
            "party_b": contract.party_b,
            "remittance_account": contract.remittance_account,
            "applied_at": _utc(contract.applied_at),
            "time_zone": contract.time_zone,
            # A period that begins with conversion has no beginning yet (R19).
            "valid_from": None if contract.contract_type.starts_when_official else _utc(contract.valid_from),
            "valid_until": _utc(contract.valid_until),
            "expires_at": _utc(contract.expires_at),
            "verification_code": printed_code(contract.verification_code),
            "verification_url": contract.verification_url,
            "clause_version": contract.clause_version.version,
            "clauses": list(_clauses(contract)),
        }
    )


def canonical_bytes(value: object) -> bytes:
    """Return the canonical form (RFC 8785) of texts, integers, true, false and null in lists and objects.

    Names of members must be in the Basic Multilingual Plane. There are no fractions, whose form JavaScript defines:
    amounts are texts. Raises TypeError or ValueError. It takes a quarter of the time of the package rfc8785.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def recorded_sha256(contract: Contract) -> str:
    """Return the SHA-256 of contract.json in the audit trail, from when the contract was drafted; empty if none."""
    drafted = contract.events.filter(kind=AuditEvent.Kind.DRAFTED)
    return drafted.values_list("data__contract_json", flat=True).first() or ""


def recorded_json(contract: Contract, lines: Sequence[FrozenLine], sha256: str) -> bytes:
    """Return contract.json, checked against the SHA-256 in the trail. Raises Refused `storage_unavailable`."""
    try:
        content = contract_json(contract, lines)
    except UNREADABLE:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Refused(
            "storage_unavailable",
            _("The contract's data do not match their registered checksum. Please contact our staff."),
        )
    return content


def data_response(request: HttpRequest, contract: Contract) -> HttpResponse:
    """Return contract.json as an HTTP response. Its entity tag is the SHA-256 in the audit trail.

    Raises Refused `contract_voided` (R18), `storage_unavailable` if the rows no longer say what was drafted, and like
    file_response.
    """
    documents.require_not_voided(contract)
    sha256 = recorded_sha256(contract)
    return file_response(
        request,
        sha256=sha256,
        read=lambda: recorded_json(contract, list(contract.lines.values_list("snapshot", flat=True)), sha256),
        content_type="application/json",
        disposition=f'inline; filename="{contract.number}.json"',
    )


def _clauses(contract: Contract) -> Iterator[dict[str, Any]]:
    """Yield the clauses in the printed languages, as published: with variables in braces."""
    for clause in contract.clause_version.texts():
        texts = {
            "en": {"heading": clause.heading_en, "text": clause.text_en},
            "zh-hans": {"heading": clause.heading_zh, "text": clause.text_zh},
        }
        printed: dict[str, Any] = {}
        for language in get_languages(cast(Language, contract.language)):
            printed[language] = texts[language]
        yield {**printed, "set_apart": True} if clause.set_apart else printed


def _with_decimals_of(frozen: str, amount: Decimal) -> str:
    """Format the amount with as many decimals as a frozen one: the currency's, when the contract was drafted.

    Raises ArithmeticError if the amount has more.
    """
    return f"{amount.quantize(Decimal(frozen), context=EXACT):f}"


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
