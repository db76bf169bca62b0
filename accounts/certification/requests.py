"""Real-name certification, which determines Party A's name (R11)."""

import re
from datetime import datetime

from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _
from stdnum.cn import uscc

from accounts.access.actors import Actor
from accounts.certification.licence_scans import MAX_LICENCE_BYTES, find_licence_fault, store_licence
from accounts.emails import CERTIFICATION_APPROVED, CERTIFICATION_REJECTED
from accounts.models import Account, CertificationRequest
from accounts.notices import notify
from common.errors import Fault, Refused
from common.normal_forms import normalise_identifier, normalise_line
from common.texts import validate_text
from common.transactions import in_transaction
from emails.kinds import EmailKind

CREDIT_CODE_PATTERN = re.compile("[0-9A-Z]{18}")


def require_certified_name(account: Account) -> str:
    """Return Party A's name for a new contract (R11). Raises Refused `account_not_certified`."""
    if account.certification == Account.Certification.NONE:
        raise Refused(
            "account_not_certified",
            _("This account is not certified. Complete real-name certification before you apply for contracts."),
        )
    return account.certified_name


def find_certification_problem(account: Account) -> str:
    """Return why the account cannot apply for contracts, or an empty string if it can (R11)."""
    try:
        require_certified_name(account)
    except Refused as refused:
        return refused.detail
    return ""


@in_transaction
def request_certification(
    *, kind: str, name: str, credit_code: str, licence: File | None, by: Actor
) -> CertificationRequest:
    """Request certification of the actor's account under `name` (R11).

    `licence`: scan of the business licence or identity document (PDF, PNG or JPEG, at most 5 MB).
    `credit_code`: unified social credit code of a company (GB 32100-2015), empty for a person.
    Raises Refused with a fault for each field; `transition_not_allowed` while another request is pending;
    `storage_unavailable`.
    """
    by.require_to_act()
    account = Account.objects.select_for_update().get(pk=by.own_account.pk)
    if account.certification_requests.filter(status=CertificationRequest.Status.PENDING).exists():
        raise Refused("transition_not_allowed", _("A certification request is already waiting for review."))
    name, credit_code = normalise_line(name), normalise_identifier(credit_code)
    if licence:
        licence.seek(0)  # this may be a retry
    content = licence.read(MAX_LICENCE_BYTES + 1) if licence else b""
    faults = find_identity_faults(kind, name, credit_code)
    if fault := find_licence_fault(content):
        faults.append(Fault("invalid", fault, "/licence"))
    if faults:
        raise Refused.because(faults)
    request = CertificationRequest(
        account=account, kind=kind, name=name, credit_code=credit_code, requested_by_id=by.person
    )
    request.requested_at = timezone.now()
    store_licence(request, content)
    request.save()
    return request


def find_identity_faults(kind: str, name: str, credit_code: str, *, needs_code: bool = True) -> list[Fault]:
    """Return the faults of a normalised name and credit code for this kind of certification.

    `needs_code`: whether a company must have a code, which companies outside China have not.
    """
    faults = []
    if kind not in CertificationRequest.Kind.values:
        faults.append(Fault("invalid", _("Choose enterprise or personal certification."), "/kind"))
    if not 2 <= len(name) <= 200:
        faults.append(Fault("invalid", _("Enter the name as shown on the licence, 2 to 200 characters."), "/name"))
    if kind == CertificationRequest.Kind.ENTERPRISE and (credit_code or needs_code) and not is_credit_code(credit_code):
        sentence = _("This is not a valid unified social credit code: 18 digits and letters with a check character.")
        faults.append(Fault("invalid", sentence, "/credit_code"))
    if kind == CertificationRequest.Kind.PERSONAL and credit_code:
        faults.append(Fault("invalid", _("A person has no unified social credit code."), "/credit_code"))
    return faults


def is_credit_code(code: str) -> bool:
    """Return True for a normalised unified social credit code with a valid check character (GB 32100-2015)."""
    return CREDIT_CODE_PATTERN.fullmatch(code) is not None and bool(uscc.is_valid(code))  # which ignores separators


@in_transaction
def approve_certification(*, request: CertificationRequest, note: str = "", by: Actor) -> CertificationRequest:
    """Certify the account under the requested name, and return the fresh request (R11).

    Existing contracts keep the name they were drafted with (R23). `note`: up to 500 characters.
    Raises Refused: `permission_denied` without permission or with a conflict of interest, `transition_not_allowed` if
    it is already decided, `invalid` for the note.
    """
    note = validate_text(CertificationRequest, "note", note, pointer="/note")
    account, request = _lock_for_decision(request, by=by)
    account.certification, account.certified_name = request.kind, request.name
    account.credit_code = request.credit_code
    account.save(update_fields=["certification", "certified_name", "credit_code"])
    now = timezone.now()
    request.approve(by_id=by.person, at=now, note=note)
    return _save_decided(request, CERTIFICATION_APPROVED, at=now)


@in_transaction
def reject_certification(*, request: CertificationRequest, note: str, by: Actor) -> CertificationRequest:
    """Reject the request with a note to the customer, and return it fresh. The account stays unchanged (R11).

    Raises Refused as `approve_certification` does, and `invalid` without a note.
    """
    missing = _("Enter the reason for the rejection.")
    note = validate_text(CertificationRequest, "note", note, pointer="/note", missing=missing)
    _account, request = _lock_for_decision(request, by=by)
    now = timezone.now()
    request.reject(by_id=by.person, at=now, note=note)
    return _save_decided(request, CERTIFICATION_REJECTED, at=now)


def _lock_for_decision(request: CertificationRequest, *, by: Actor) -> tuple[Account, CertificationRequest]:
    by.require_to_act()
    account = Account.objects.select_for_update().get(pk=request.account_id)
    request = CertificationRequest.objects.select_for_update().get(pk=request.pk)
    by.require_no_conflict(account_id=account.pk, asked_by=request.requested_by_id)
    if request.status != CertificationRequest.Status.PENDING:
        raise Refused("transition_not_allowed", describe_decision(request))
    request.account = account
    return account, request


def describe_decision(request: CertificationRequest) -> str:
    return _("This request has already been decided: %(status)s.") % {"status": request.get_status_display().lower()}


def _save_decided(request: CertificationRequest, kind: EmailKind, *, at: datetime) -> CertificationRequest:
    request.save(update_fields=["status", "note", "decided_by", "decided_at"])
    facts = {"name": request.name, "kind": request.kind, "note": request.note}
    notify(request.account, kind, facts, at=at)
    return request
