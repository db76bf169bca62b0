"""Check that a contract's rows, files, hashes, seals and trail agree."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from hashlib import sha256

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from common.errors import Refused
from contracts import sealing
from contracts.documents import files as documents
from contracts.documents.canonical import UNREADABLE, contract_json
from contracts.models import AuditEvent, Contract, ContractDocument, ContractOrder
from contracts.seal_keys import our_trust, trust_for
from contracts.sealing.trust import Trust
from contracts.trail.check_result import CheckResult
from contracts.trail.check_trail import check_trail, events_by_kind

Kind = ContractDocument.Kind
Event = AuditEvent.Kind


def check_contract(contract: Contract, *, ours: Trust | None = None) -> list[CheckResult]:
    """Run every check of a contract and return all results, passed ones too. Reads its files; changes nothing.

    `ours` is our_trust(), which callers that check many contracts fetch once. Contracts of test accounts are checked
    against the keys of test accounts alone (R48).
    docs/evidence-coverage.md lists what covers each column.
    """
    prefetch_related_objects([contract], *checked_rows())
    checks = (partial(_files, ours=ours), _content, _figures, _reservations, check_trail)
    return [result for check in checks for result in _results(check, contract)]


def checked_rows() -> tuple[str | Prefetch, ...]:
    """Return what `check_contract` reads of a contract, for `prefetch_related`."""
    lines = ContractOrder.objects.select_related("order")
    lines = lines.only("contract", "snapshot", "released_at", "order__number")
    return (
        "documents",
        "events",
        "void_tickets",
        "approvals",
        "account",
        "clause_version__clauses",
        Prefetch("lines", lines),
    )


def _results(check: Callable[[Contract], Iterator[CheckResult]], contract: Contract) -> Iterator[CheckResult]:
    """Yield the results of one check. Unreadable rows are a defect and do not stop the other checks."""
    try:
        yield from check(contract)
    except UNREADABLE as error:
        yield CheckResult(_("The rows can be read"), False, f"{type(error).__name__}: {error}")


def _files(contract: Contract, *, ours: Trust | None) -> Iterator[CheckResult]:
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
    due += [Kind.VOID_CERTIFICATE] if contract.official_at and contract.voided_at else []
    for kind in due:
        if kind not in registered:
            yield CheckResult(_("%(document)s: registered") % {"document": kind.label}, False, _("It is missing."))
    trusted = trust_for(is_test=True) if contract.is_test else ours or our_trust()
    if Kind.DRAFT in content and Kind.OFFICIAL in content:  # R3
        what = _("The official file begins with the draft file, and its seal is valid")
        yield _seal(what, registered[Kind.OFFICIAL], content[Kind.OFFICIAL], content[Kind.DRAFT], trusted)
    if Kind.VOID_CERTIFICATE in content:
        what = _("The seal on the void certificate is valid")
        yield _seal(what, registered[Kind.VOID_CERTIFICATE], content[Kind.VOID_CERTIFICATE], None, trusted)


def _seal(what: str, document: ContractDocument, sealed: bytes, draft: bytes | None, trusted: Trust) -> CheckResult:
    """Validate the seal as of the time of sealing: later expiry or a raised level does not invalidate it."""
    record = sealing.SealRecord(document.created_at, document.level)
    try:
        sealing.validate_seal(sealed, draft=draft, trusted=trusted, record=record)
    except Refused as refused:
        return CheckResult(what, False, refused.detail)
    return CheckResult(what, True)


def _content(contract: Contract) -> Iterator[CheckResult]:
    """Compare the contract's canonical form with the hash that the trail recorded when it was drafted (R36)."""
    drafted = events_by_kind(contract).get(Event.DRAFTED)
    recorded = drafted.data if drafted else {}
    try:
        hash_ = sha256(contract_json(contract, [line.snapshot for line in contract.lines.all()])).hexdigest()
    except UNREADABLE as error:
        hash_ = f"{type(error).__name__}: {error}"
    yield CheckResult(
        _("The contract's content is as it was drafted"),
        hash_ == recorded.get("contract_json"),
        _(
            "The SHA-256 of its data was %(recorded)s and is %(now)s. One of these was changed: number, type, test, "
            "language, currency, total, orders, Party A, Party B, remittance account, application time, time zone, "
            "valid period, expiry, verification code, its address, clauses."
        )
        % {"recorded": recorded.get("contract_json", "–"), "now": hash_},
    )
    yield CheckResult(
        _("The account and the version of the issuer are those it was drafted for"),
        (contract.account_id, contract.issuer_version_id) == (recorded.get("account"), recorded.get("issuer_version")),
        _("Account %(account)s and version %(issuer)s are stored.")
        % {"account": contract.account_id, "issuer": contract.issuer_version_id},
    )
    yield CheckResult(
        _("It is a test contract if its account is a test account, and only then"),
        contract.is_test == contract.account.is_test,
        _("One of the two was changed."),
    )


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
    if contract.contract_type.starts_when_official:
        yield CheckResult(
            _("Its valid period begins when it became official"),
            contract.valid_from == contract.official_at,
            _("It became official at %(official)s, but is valid from %(since)s.")
            % {"official": contract.official_at, "since": contract.valid_from},
        )


def _reservations(contract: Contract) -> Iterator[CheckResult]:
    lines, ended_at = list(contract.lines.all()), contract.voided_at or contract.invalid_at
    yield CheckResult(
        _("Orders are reserved while the contract is live, and released when it has ended"),
        all(line.released_at == ended_at for line in lines),
        _("Some orders are wrongly reserved or released."),
    )
    others = [line.snapshot["number"] for line in lines if line.snapshot["number"] != line.order.number]
    yield CheckResult(
        _("It reserves the orders that it names"),
        not others,
        _("Another order is reserved in place of: %(orders)s.") % {"orders": ", ".join(others)},
    )
