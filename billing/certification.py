"""Real-name certification: whose name stands for Party A (R11)."""

import re
import secrets

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as StdnumError

from billing.access import Actor
from billing.errors import Fault, Refused
from billing.models import Account, CertificationRequest

COMPANY_NAME = re.compile(
    r"公司|集团|厂$|合伙|事务所|研究院|大学|\b(?:inc|ltd|llc|llp|plc|gmbh|corp|corporation|company|limited|co)\b\.?",
    re.IGNORECASE,
)


def is_company_name(name: str) -> bool:
    """Whether `name` is that of an organisation, which personal certification cannot carry (R11)."""
    return bool(COMPANY_NAME.search(name))


def require_certified_name(account: Account) -> str:
    """Party A's name for a new contract (R11).

    Raises Refused `account_not_certified` for an uncertified account, and for a company name on personal certification.
    """
    if account.certification == Account.Certification.NONE:
        raise Refused(
            "account_not_certified",
            _("This account is not certified. Complete real-name certification on the account page, then apply again."),
        )
    if account.certification == Account.Certification.PERSONAL and is_company_name(account.certified_name):
        raise Refused(
            "account_not_certified",
            _("%(name)s is a company's name. Complete enterprise certification first.")
            % {"name": account.certified_name},
        )
    return account.certified_name


LARGEST_LICENCE = 5 * 1024 * 1024
"""Bytes."""
LICENCE_KINDS = {b"%PDF-": "pdf", b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpg"}
"""How the files that we take begin → what we call them: the name and type that a browser sends prove nothing."""


@transaction.atomic
def request_certification(
    *, kind: str, name: str, credit_code: str, licence: File | None, by: Actor
) -> CertificationRequest:
    """Ask staff to certify the actor's account under `name` (R11).

    `licence` is a scan of the business licence or identity document: PDF, PNG or JPEG, 5 MB at most. `credit_code` is
    the unified social credit code of a company (GB 32100-2015), and empty for a person.
    Raises Refused with a fault for each field; `transition_not_allowed` while another request waits.
    """
    by.require_to_act()
    account = Account.objects.select_for_update().get(pk=by.own_account.pk)
    if account.certification_requests.filter(status=CertificationRequest.Status.PENDING).exists():
        raise Refused("transition_not_allowed", _("A request for certification is waiting for review already."))
    name, credit_code = " ".join(name.split()), "".join(credit_code.split()).upper()
    content = licence.read(LARGEST_LICENCE + 1) if licence else b""
    if faults := _faults_of_request(kind, name, credit_code, content):
        raise Refused.because(faults)
    request = CertificationRequest(
        account=account, kind=kind, name=name, credit_code=credit_code, requested_by_id=by.person
    )
    request.requested_at = timezone.now()
    request.licence.save(f"{secrets.token_hex(16)}.{_kind_of(content)}", ContentFile(content), save=False)
    request.save()
    return request


def _kind_of(content: bytes) -> str | None:
    return next((kind for start, kind in LICENCE_KINDS.items() if content.startswith(start)), None)


def _faults_of_request(kind: str, name: str, credit_code: str, licence: bytes) -> list[Fault]:
    faults = []
    if kind not in CertificationRequest.Kind.values:
        faults.append(Fault("invalid", _("Choose enterprise or personal certification."), "/kind"))
    if not 2 <= len(name) <= 200:
        faults.append(Fault("invalid", _("Give the name as it stands on the licence, 2 to 200 characters."), "/name"))
    elif kind == CertificationRequest.Kind.PERSONAL and is_company_name(name):
        faults.append(Fault("invalid", _("This is a company's name: choose enterprise certification."), "/name"))
    if kind == CertificationRequest.Kind.ENTERPRISE and (wrong := _wrong_credit_code(credit_code)):
        faults.append(Fault("invalid", wrong, "/credit_code"))
    if kind == CertificationRequest.Kind.PERSONAL and credit_code:
        faults.append(Fault("invalid", _("A person has no unified social credit code."), "/credit_code"))
    if not licence:
        faults.append(Fault("invalid", _("Attach a scan of the licence or identity document."), "/licence"))
    elif len(licence) > LARGEST_LICENCE:
        faults.append(Fault("invalid", _("The file is larger than 5 MB."), "/licence"))
    elif _kind_of(licence) is None:
        faults.append(Fault("invalid", _("The file is neither a PDF nor a PNG or JPEG picture."), "/licence"))
    return faults


def _wrong_credit_code(code: str) -> str:
    try:
        uscc.validate(code)
    except StdnumError:
        return _("This is no unified social credit code: 18 digits and letters, the last of which checks the others.")
    return ""
