"""Check that a contract's rows, files, hashes, seals and trail agree."""

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
class CheckResult:
    """Result of one check: the check, whether it passed, and details if not."""

    what: str
    sound: bool
    detail: str = ""


def check_contract(contract: Contract) -> list[CheckResult]:
    """Run every check of a contract and return all results, passed ones too. Reads its files; changes nothing."""
    return [*_files(contract), *_figures(contract), *_chain(contract), *_trail(contract)]


def _files(contract: Contract) -> Iterator[CheckResult]:
    registered = {document.kind: document for document in contract.documents.all()}
    content: dict[str, bytes] = {}
    for kind, document in registered.items():
        name = document.get_kind_display()
        try:
            content[kind] = documents.read(document)
            if len(content[kind]) != document.size:
                detail = _("It has %(size)d bytes, but %(registered)d are registered.")
                facts = {"size": len(content[kind]), "registered": document.size}
                yield CheckResult(_("%(document)s: stored as registered") % {"document": name}, False, detail % facts)
                continue
            yield CheckResult(
                _("%(document)s: stored as registered, SHA-256 %(sha256)s")
                % {"document": name, "sha256": document.sha256},
                True,
            )
        except Refused as refused:
            yield CheckResult(_("%(document)s: stored as registered") % {"document": name}, False, refused.detail)
    due = [Kind.DRAFT]
    due += [Kind.OFFICIAL] if contract.official_at else []
    due += [Kind.VOID_CERTIFICATE] if _has_void_certificate(contract) else []
    for kind in due:
        if kind not in registered:
            yield CheckResult(_("%(document)s: registered") % {"document": kind.label}, False, _("It is missing."))
    if Kind.DRAFT in content and Kind.OFFICIAL in content:  # R3
        what = _("The official file begins with the draft file, and its seal is valid")
        yield _seal(what, registered[Kind.OFFICIAL], content[Kind.OFFICIAL], draft=content[Kind.DRAFT])
    if Kind.VOID_CERTIFICATE in content:
        what = _("The seal on the void certificate is valid")
        yield _seal(what, registered[Kind.VOID_CERTIFICATE], content[Kind.VOID_CERTIFICATE], draft=None)


def _has_void_certificate(contract: Contract) -> bool:
    """Return True if the trail records a void certificate. Contracts voided before they existed have none."""
    voided = (event for event in contract.events.all() if event.kind == Event.VOIDED)
    return any("sha256" in event.data for event in voided)


def _seal(what: str, document: ContractDocument, sealed: bytes, *, draft: bytes | None) -> CheckResult:
    """Validate the seal as of the time of sealing: later expiry or a raised level does not invalidate it."""
    try:
        sealing.validate_seal(sealed, draft=draft, record=sealing.SealRecord(document.created_at, document.level))
    except Refused as refused:
        return CheckResult(what, False, refused.detail)
    return CheckResult(what, True)


def _figures(contract: Contract) -> Iterator[CheckResult]:
    lines = list(contract.lines.all())
    total = sum((Decimal(line.snapshot["payable_amount"]) for line in lines), Decimal(0))
    yield CheckResult(
        _("The total is the sum of the orders"),
        total == contract.total_amount,
        _("The orders add up to %(sum)s, but the contract's total is %(total)s.")
        % {"sum": total, "total": contract.total_amount},
    )
    numbers = [line.snapshot["number"] for line in lines]
    yield CheckResult(
        _("The contract lists the orders it was drafted from"),
        numbers == contract.order_numbers and len(lines) == contract.order_count,
        _("%(count)d orders are stored, but %(named)d are listed.")
        % {"count": len(lines), "named": len(contract.order_numbers)},
    )
    if contract.contract_type.expires:
        ends = min((datetime.fromisoformat(line.snapshot["payment_deadline"]) for line in lines), default=None)
        yield CheckResult(
            _("It expires at the earliest payment deadline of its orders"),
            contract.expires_at == contract.valid_until == ends,
            _("The earliest deadline is %(ends)s, but the contract expires at %(expires)s.")
            % {"ends": ends, "expires": contract.expires_at},
        )
    live = contract.status in Contract.LIVE
    yield CheckResult(
        _("Orders are reserved while the contract is live, and released when it has ended"),
        all((line.released_at is None) == live for line in lines),
        _("Some orders are wrongly reserved or released."),
    )


def _chain(contract: Contract) -> Iterator[CheckResult]:
    """Check that no event was changed, and that none is missing before the last (R27)."""
    previous, wrong = "", ""
    for position, event in enumerate(sorted(contract.events.all(), key=lambda one: one.position), start=1):
        if event.position != position:
            wrong = _("Event %(position)d is missing.") % {"position": position}
        elif event.previous != previous:
            wrong = _("Event %(position)d does not follow the previous one.") % {"position": position}
        elif event.hash != chain.digest(event, contract.number):
            wrong = _("Event %(position)d was changed.") % {"position": position}
        if wrong:
            break
        previous = event.hash
    yield CheckResult(_("The audit trail is complete: each event holds the hash of the previous one"), not wrong, wrong)


def _trail(contract: Contract) -> Iterator[CheckResult]:
    events = {event.kind: event for event in contract.events.all()}
    times = {
        Event.DRAFTED: contract.applied_at,
        Event.CONVERTED: contract.official_at,
        Event.VOIDED: contract.voided_at,
        Event.INVALIDATED: contract.invalid_at,
    }
    differing = [kind.label for kind, time in times.items() if not _agree(events.get(kind), time)]
    yield CheckResult(
        _("The audit trail records how the contract reached its status"),
        not differing,
        _("Contract and trail disagree on whether or when these happened: %(events)s.")
        % {"events": ", ".join(str(label) for label in differing)},
    )
    hashes = {document.kind: document.sha256 for document in contract.documents.all()}
    naming_events = {Kind.DRAFT: Event.DRAFTED, Kind.OFFICIAL: Event.CONVERTED, Kind.VOID_CERTIFICATE: Event.VOIDED}
    wrong = [
        kind.label
        for kind, event in naming_events.items()
        if kind in hashes and event in events and events[event].data.get("sha256") != hashes[kind]
    ]
    yield CheckResult(
        _("The audit trail records the same SHA-256 for each file"),
        not wrong,
        _("The checksums differ for: %(documents)s.") % {"documents": ", ".join(str(label) for label in wrong)},
    )


def _agree(event: AuditEvent | None, time: datetime | None) -> bool:
    """Return True if contract and trail agree on whether, and exactly when, it happened."""
    return time == (event and event.at)
