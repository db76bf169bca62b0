"""Real-name certification: whose name stands for Party A (R11)."""

import re
from datetime import datetime

from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _
from stdnum.cn import uscc

from accounts.access.actors import Actor
from accounts.certification.licence_scans import LARGEST_LICENCE, keep_licence, wrong_licence
from accounts.emails import CERTIFICATION_APPROVED, CERTIFICATION_REJECTED
from accounts.models import Account, CertificationRequest
from accounts.notices import notify
from common.errors import Fault, Refused
from common.normal_forms import normalise_identifier, normalise_line
from common.texts import fitting
from common.transactions import in_transaction
from emails.kinds import EmailKind

CREDIT_CODE = re.compile("[0-9A-Z]{18}")


def require_certified_name(account: Account) -> str:
    """Return Party A's name for a new contract (R11). Raises Refused `account_not_certified`."""
    if account.certification == Account.Certification.NONE:
        raise Refused(
            "account_not_certified",
            _("This account is not certified. Complete real-name certification, then apply for contracts."),
        )
    return account.certified_name


def certification_problem(account: Account) -> str:
    """Why the account cannot apply for contracts, in a sentence; empty when it can (R11)."""
    try:
        require_certified_name(account)
    except Refused as refused:
        return refused.detail
    return ""


@in_transaction
def request_certification(
    *, kind: str, name: str, credit_code: str, licence: File | None, by: Actor
) -> CertificationRequest:
    """Ask staff to certify the actor's account under `name`, as the `kind` that the applicant states (R11).

    `licence` is a scan of the business licence or identity document: PDF, PNG or JPEG, 5 MB at most. `credit_code` is
    the unified social credit code of a company (GB 32100-2015), and empty for a person.
    Raises Refused with a fault for each field; `transition_not_allowed` while another request waits;
    `storage_unavailable`.
    """
    by.require_to_act()
    account = Account.objects.select_for_update().get(pk=by.own_account.pk)
    if account.certification_requests.filter(status=CertificationRequest.Status.PENDING).exists():
        raise Refused("transition_not_allowed", _("A request for certification is waiting for review already."))
    name, credit_code = normalise_line(name), normalise_identifier(credit_code)
    if licence:
        licence.seek(0)  # this may be another attempt
    content = licence.read(LARGEST_LICENCE + 1) if licence else b""
    if faults := _faults_of_request(kind, name, credit_code, content):
        raise Refused.because(faults)
    request = CertificationRequest(
        account=account, kind=kind, name=name, credit_code=credit_code, requested_by_id=by.person
    )
    request.requested_at = timezone.now()
    keep_licence(request, content)
    request.save()
    return request


def _faults_of_request(kind: str, name: str, credit_code: str, licence: bytes) -> list[Fault]:
    faults = []
    if kind not in CertificationRequest.Kind.values:
        faults.append(Fault("invalid", _("Choose enterprise or personal certification."), "/kind"))
    if not 2 <= len(name) <= 200:
        faults.append(Fault("invalid", _("Give the name as it stands on the licence, 2 to 200 characters."), "/name"))
    if kind == CertificationRequest.Kind.ENTERPRISE and not is_credit_code(credit_code):
        sentence = _(
            "This is no unified social credit code: 18 digits and letters, the last of which checks the others."
        )
        faults.append(Fault("invalid", sentence, "/credit_code"))
    if kind == CertificationRequest.Kind.PERSONAL and credit_code:
        faults.append(Fault("invalid", _("A person has no unified social credit code."), "/credit_code"))
    if wrong := wrong_licence(licence):
        faults.append(Fault("invalid", wrong, "/licence"))
    return faults


def is_credit_code(code: str) -> bool:
    """Return True for a normalised unified social credit code whose last digit checks the others (GB 32100-2015)."""
    return CREDIT_CODE.fullmatch(code) is not None and bool(uscc.is_valid(code))  # which overlooks separators


@in_transaction
def approve_certification(*, request: CertificationRequest, note: str = "", by: Actor) -> CertificationRequest:
    """Certify the account under the name that was asked for; returns the request, read anew (R11).

    Contracts that exist keep the name that they were drafted with (R23). `note` is up to 500 characters.
    Raises Refused: `permission_denied` for those without the right or who asked for it themselves,
    `transition_not_allowed` once it was decided, `invalid` for the note.
    """
    note = fitting(CertificationRequest, "note", note, pointer="/note")
    account, request = _lock_for_decision(request, by=by)
    account.certification, account.certified_name = request.kind, request.name
    account.credit_code = request.credit_code
    account.save(update_fields=["certification", "certified_name", "credit_code"])
    now = timezone.now()
    request.approve(by_id=by.person, at=now, note=note)
    return _save_decided(request, CERTIFICATION_APPROVED, at=now)


@in_transaction
def reject_certification(*, request: CertificationRequest, note: str, by: Actor) -> CertificationRequest:
    """Leave the account as it is, with a note that the customer reads; returns the request, read anew (R11).

    Raises Refused as `approve_certification` does, and `invalid` without a note.
    """
    missing = _("Say why the request is rejected.")
    note = fitting(CertificationRequest, "note", note, pointer="/note", missing=missing)
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
        raise Refused("transition_not_allowed", decided_already(request))
    request.account = account
    return account, request


def decided_already(request: CertificationRequest) -> str:
    """The sentence that says how a request was decided before."""
    return _("This request was decided already: %(status)s.") % {"status": request.get_status_display().lower()}


def _save_decided(request: CertificationRequest, kind: EmailKind, *, at: datetime) -> CertificationRequest:
    request.save(update_fields=["status", "note", "decided_by", "decided_at"])
    facts = {"name": request.name, "kind": request.kind, "note": request.note}
    notify(request.account, kind, facts, at=at)
    return request
