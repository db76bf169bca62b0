"""Convert a draft into an official contract (R2, R3, R21, R22)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.certification.requests import require_certified_name
from common.errors import Fault, Refused
from common.texts import validate_text
from common.tracing import traced
from common.transactions import in_transaction
from contracts import sealing
from contracts.documents import files as documents
from contracts.eligibility import contracted_elsewhere_message
from contracts.health.seal_check import server_failures_recorded
from contracts.health.sealing_time import require_time_to_seal
from contracts.models import Approval, AuditEvent, Contract, ContractDocument, ContractOrder
from contracts.notifications.deliveries import send_document
from contracts.seal_keys import pin_seal_key
from contracts.seal_uses import Purpose, record_seal_uses
from contracts.sealing.levels import SealLevel
from contracts.services import approvals, locking
from contracts.services.approvals import Consent
from contracts.services.metrics import count_conversion
from contracts.services.order_changes import describe_changes
from contracts.trail import record as audit
from orders.models import Order, get_status_label


@traced
@count_conversion
def convert_to_official(
    *,
    contract: Contract,
    by: Actor,
    deliver: bool | None = None,
    require_seen: Callable[[], None] = lambda: None,
    consent: Consent | None = None,
) -> Contract:
    """Seal the stored draft and make the contract official. Return the reloaded contract.

    `deliver`: whether to send the document by email to the account's addresses; None follows the account's setting.
    `require_seen` raises if the contract changed since the caller saw it. It is called before sealing and again under
    lock, each time after all other checks. Sealing holds no lock, since a timestamp server may be slow. A short
    transaction then locks, repeats all checks, stores the sealed file and changes the status, so an official contract
    always has its file. Raises Refused: `transition_not_allowed`, `contract_expired` (R21), `account_not_certified`,
    `order_changed` for each changed fact of an order (R22), `seal_unavailable`, `storage_unavailable`, and without
    `consent` `approval_required` if the account asks for it (R44). If refused or interrupted, it stays a draft.
    """
    by.require_to_act()
    now = timezone.now()
    contract = Contract.objects.with_status_at(now).select_related("account").get(pk=contract.pk)
    _require_convertible(contract, Order.objects.filter(contract_lines__contract=contract).in_bulk(), now=now)
    approvals.require_approval(contract, consent, by=by)
    require_seen()
    draft = documents.of_kind(contract, ContractDocument.Kind.DRAFT)
    content = documents.read(draft)
    is_test = contract.is_test
    message = _("The contract seal is unavailable right now. Try again shortly. If it persists, contact our staff.")
    if is_test:
        message = _(
            "The seal for test accounts is unavailable. Ask our staff to create it (init_seal --test-accounts)."
        )
    with sealing.refuse_if_seal_unavailable(message), server_failures_recorded():
        require_time_to_seal()
        trusted = pin_seal_key(is_test=is_test)
        with record_seal_uses(Purpose.CONTRACT, by=by, contract=contract, content_sha256=draft.sha256):
            issuer = contract.party_b["name"]
            sealed = sealing.seal(content, number=contract.number, issuer_name=issuer, is_test=is_test)
        level = sealing.validate_seal(sealed, draft=content, trusted=trusted, is_test=is_test)
    return _make_official(
        contract.pk, draft, sealed, level, by=by, deliver=deliver, require_seen=require_seen, consent=consent
    )


def approve_conversion(*, approval: Approval, by: Actor, note: str = "") -> Contract:
    """Approve a member's request and convert the draft in the same transaction (R44). Return the reloaded contract.

    Raises Refused like `convert_to_official` and `require_approval`. Then the request stays open.
    """
    note = validate_text(Approval, "note", note, pointer="/note")
    return convert_to_official(contract=approval.contract, by=by, consent=Consent(approval.pk, note))


@in_transaction
def _make_official(
    pk: int,
    sealed_from: ContractDocument,
    sealed: bytes,
    level: SealLevel,
    *,
    by: Actor,
    deliver: bool | None,
    require_seen: Callable[[], None],
    consent: Consent | None,
) -> Contract:
    now = timezone.now()
    contract, orders = locking.lock_contract(pk, now=now)
    _require_convertible(contract, orders, now=now)
    if documents.of_kind(contract, ContractDocument.Kind.DRAFT).sha256 != sealed_from.sha256:
        raise Refused(
            "transition_not_allowed",
            _("The draft of contract %(number)s changed while it was being sealed.") % {"number": contract.number},
        )
    require_seen()
    at = max(now, contract.applied_at)  # another host's clock may be ahead
    approved = approvals.settle_approval(contract, consent, by=by, at=at)
    document = documents.store(contract, ContractDocument.Kind.OFFICIAL, sealed, at=at, level=level)
    contract.make_official(at=at)
    contract.save(update_fields=["status", "official_at", "valid_from", "updated_at"])
    converted = audit.event(contract, AuditEvent.Kind.CONVERTED, by=by, at=at, **documents.facts_of(document))
    audit.record([*approved, converted])
    if contract.account.deliver_by_email if deliver is None else deliver:
        send_document(contract, document, at=now)
    return contract


def find_conversion_faults(contract: Contract, *, now: datetime) -> list[Fault]:
    """Return why contract, orders or account do not allow a conversion at `now` (aware); empty if they do.

    Approval (R44) and the seal are not considered.
    """
    contract = Contract.objects.with_status_at(now).select_related("account").get(pk=contract.pk)
    orders = Order.objects.filter(contract_lines__contract=contract).in_bulk()
    try:
        _require_convertible(contract, orders, now=now)
    except Refused as refused:
        return list(refused.faults)
    return []


def _require_convertible(contract: Contract, orders: Mapping[int, Order], *, now: datetime) -> None:
    """Raise Refused unless `contract` is a draft that matches its orders and account (R22).

    It has `status_at` and its account, read in the same statement. The account needs no lock: a certification withdrawn
    later simply comes after this conversion.
    """
    if contract.status_at == Contract.Status.INVALID:
        raise Refused(
            "contract_expired",
            _("Contract %(number)s has become invalid and cannot be converted.") % {"number": contract.number},
        )
    if contract.status != Contract.Status.DRAFT:
        raise Refused(
            "transition_not_allowed",
            _("Contract %(number)s is %(status)s; only a draft can be converted.")
            % {"number": contract.number, "status": contract.get_status_display().lower()},
        )
    _require_same_name(contract)
    faults = [
        Fault("order_changed", detail, f"/order_numbers/{i}")
        for i, line in enumerate(contract.lines.all())
        for detail in _describe_obstacles(orders[line.order_id], line, contract, now=now)
    ]
    if faults:
        raise Refused.because(faults)


def _require_same_name(contract: Contract) -> None:
    """Raise Refused unless the account is certified under the draft's name of Party A."""
    before, after = contract.party_a["name"], require_certified_name(contract.account)
    if after != before:
        raise Refused(
            "order_changed",
            _("The certified name of the account was %(before)s when the contract was drafted and is %(after)s now.")
            % {"before": before, "after": after},
            pointer="/party_a/name",
        )


def _describe_obstacles(order: Order, line: ContractOrder, contract: Contract, *, now: datetime) -> list[str]:
    """Return a sentence about the order's status if the type does not accept it, else one for each changed fact."""
    status, type_ = order.status_on(now), contract.contract_type
    if order.contracted_elsewhere:
        return [contracted_elsewhere_message(order)]
    if status in type_.accepted_statuses:
        return describe_changes(order, line, contract)
    return [
        _("Order %(number)s was %(wanted)s when the contract was drafted and is %(status)s now.")
        % {"number": order.number, "wanted": type_.accepted_status_labels, "status": get_status_label(status)}
    ]
