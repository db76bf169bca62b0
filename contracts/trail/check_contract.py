"""Whether all that is kept of one contract still fits together: rows, files, hashes, seals, trail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from common.errors import Refused
from contracts import sealing
from contracts.documents import files as documents
from contracts.models import AuditEvent, Contract, ContractDocument
from contracts.trail import chain

Kind = ContractDocument.Kind
Event = AuditEvent.Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: what, whether it holds, and if not what is wrong."""

    what: str
    sound: bool
    detail: str = ""


def check_contract(contract: Contract) -> list[Finding]:
    """Every check of one contract, sound ones too; nothing is changed. Reads all its files and validates its seal."""
    return [*_files(contract), *_figures(contract), *_chain(contract), *_trail(contract)]


def _files(contract: Contract) -> Iterator[Finding]:
    kept = {document.kind: document for document in contract.documents.all()}
    content: dict[str, bytes] = {}
    for kind, document in kept.items():
        name = document.get_kind_display()
        try:
            content[kind] = documents.read(document)
            if len(content[kind]) != document.size:
                detail = _("It has %(size)d bytes, and %(registered)d are registered.")
                facts = {"size": len(content[kind]), "registered": document.size}
                yield Finding(_("%(document)s: stored as registered") % {"document": name}, False, detail % facts)
                continue
            yield Finding(
                _("%(document)s: stored as registered, SHA-256 %(sha256)s")
                % {"document": name, "sha256": document.sha256},
                True,
            )
        except Refused as refused:
            yield Finding(_("%(document)s: stored as registered") % {"document": name}, False, refused.detail)
    due = [Kind.DRAFT]
    due += [Kind.OFFICIAL] if contract.official_at else []
    due += [Kind.VOID_CERTIFICATE] if _certified(contract) else []
    for kind in due:
        if kind not in kept:
            yield Finding(_("%(document)s: is there") % {"document": kind.label}, False, _("It is not registered."))
    if Kind.DRAFT in content and Kind.OFFICIAL in content:  # R3
        what = _("The official file begins with the draft file, and its seal is valid")
        yield _seal(what, kept[Kind.OFFICIAL], content[Kind.OFFICIAL], draft=content[Kind.DRAFT])
    if Kind.VOID_CERTIFICATE in content:
        what = _("The seal on the void certificate is valid")
        yield _seal(what, kept[Kind.VOID_CERTIFICATE], content[Kind.VOID_CERTIFICATE], draft=None)


def _certified(contract: Contract) -> bool:
    """Whether it was voided with a certificate, as the trail tells; there were none before there were certificates."""
    voided = (event for event in contract.events.all() if event.kind == Event.VOIDED)
    return any("sha256" in event.data for event in voided)


def _seal(what: str, document: ContractDocument, sealed: bytes, *, draft: bytes | None) -> Finding:
    """As of the time when it was sealed: certificates end, and levels are raised, with no harm to it."""
    try:
        sealing.validate_seal(sealed, draft=draft, kept=sealing.Kept(document.created_at, document.level))
    except Refused as refused:
        return Finding(what, False, refused.detail)
    return Finding(what, True)


def _figures(contract: Contract) -> Iterator[Finding]:
    lines = list(contract.lines.all())
    total = sum((Decimal(line.snapshot["payable_amount"]) for line in lines), Decimal(0))
    yield Finding(
        _("The total is the sum of the orders"),
        total == contract.total_amount,
        _("The orders come to %(sum)s, the contract says %(total)s.") % {"sum": total, "total": contract.total_amount},
    )
    numbers = [line.snapshot["number"] for line in lines]
    yield Finding(
        _("The contract names the orders it was drafted from"),
        numbers == contract.order_numbers and len(lines) == contract.order_count,
        _("%(count)d orders are kept, %(named)d are named.")
        % {"count": len(lines), "named": len(contract.order_numbers)},
    )
    if contract.contract_type.expires:
        ends = min((datetime.fromisoformat(line.snapshot["payment_deadline"]) for line in lines), default=None)
        yield Finding(
            _("It ends with the first payment deadline of its orders"),
            contract.expires_at == contract.valid_until == ends,
            _("The orders say %(ends)s, the contract %(expires)s.") % {"ends": ends, "expires": contract.expires_at},
        )
    live = contract.status in Contract.LIVE
    yield Finding(
        _("Orders are held while the contract is live, and released when it has ended"),
        all((line.released_at is None) == live for line in lines),
        _("Some orders are held or released wrongly."),
    )


def _chain(contract: Contract) -> Iterator[Finding]:
    """Each event is what it was when it was written, and none is missing before the last (R27)."""
    previous, wrong = "", ""
    for position, event in enumerate(sorted(contract.events.all(), key=lambda one: one.position), start=1):
        if event.position != position:
            wrong = _("Event %(position)d is missing.") % {"position": position}
        elif event.previous != previous:
            wrong = _("Event %(position)d does not follow on from the one before it.") % {"position": position}
        elif event.hash != chain.digest(event, contract.number):
            wrong = _("Event %(position)d was changed.") % {"position": position}
        if wrong:
            break
        previous = event.hash
    yield Finding(_("The audit trail is whole: each event holds the hash of the one before it"), not wrong, wrong)


def _trail(contract: Contract) -> Iterator[Finding]:
    events = {event.kind: event for event in contract.events.all()}
    times = {
        Event.DRAFTED: contract.applied_at,
        Event.CONVERTED: contract.official_at,
        Event.VOIDED: contract.voided_at,
        Event.INVALIDATED: contract.invalid_at,
    }
    astray = [kind.label for kind, time in times.items() if not _agree(events.get(kind), time)]
    yield Finding(
        _("The audit trail tells how the contract came to its status"),
        not astray,
        _("Contract and trail differ in whether or when it came to this: %(events)s.")
        % {"events": ", ".join(str(label) for label in astray)},
    )
    hashes = {document.kind: document.sha256 for document in contract.documents.all()}
    told = {Kind.DRAFT: Event.DRAFTED, Kind.OFFICIAL: Event.CONVERTED, Kind.VOID_CERTIFICATE: Event.VOIDED}
    wrong = [
        kind.label
        for kind, event in told.items()
        if kind in hashes and event in events and events[event].data.get("sha256") != hashes[kind]
    ]
    yield Finding(
        _("The audit trail names the files by the same SHA-256"),
        not wrong,
        _("It names others for: %(documents)s.") % {"documents": ", ".join(str(label) for label in wrong)},
    )


def _agree(event: AuditEvent | None, time: datetime | None) -> bool:
    """Whether it happened by the trail if and only if it happened by the contract, and then at the same time."""
    return time == (event and event.at)
