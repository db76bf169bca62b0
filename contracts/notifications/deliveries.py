"""Send the official document by email: an email of its own to each address, with the registered file."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.cc_emails import get_delivery_addresses
from contracts.documents import files as documents
from contracts.documents.snapshots import verification_url
from contracts.models import Contract, ContractDocument, Delivery
from contracts.notifications.emails import fact_of_test
from emails.kinds import Attachment, EmailKind, Facts, register_kind
from emails.models import Notice
from emails.writing import send_emails_after_commit

MEGABYTE = 1_000_000
NOT_IN_FORCE = gettext_noop("The contract is no longer in force.")


def send_document(contract: Contract, document: ContractDocument, *, at: datetime) -> None:
    """Write an email to each address of the account, in the caller's transaction; a task sends them after commit.

    `at` is aware. Does nothing if the account has no address.
    """
    account = contract.account
    facts = {
        "contract": contract.number,
        "account": account.number,
        "issuer": contract.party_b["name"],
        "party_a": contract.party_a["name"],
        "sha256": document.sha256,
        "size": str(document.size),
        "verification_url": verification_url(contract),
        "path": reverse("contract-detail", args=[contract.number]),
        **fact_of_test(contract),
    }
    notices = Notice.objects.bulk_create(
        Notice(
            address=address,
            kind=OFFICIAL_DOCUMENT.name,
            reference=account.number,
            time_zone=account.time_zone,
            facts=facts,
            due_at=at,
            created_at=at,
        )
        for address in get_delivery_addresses(account)
    )
    Delivery.objects.bulk_create(
        Delivery(contract=contract, address=notice.address, notice=notice, requested_at=at) for notice in notices
    )
    if notices:
        send_emails_after_commit()


def _is_attached(facts: Facts) -> bool:
    return int(facts["size"]) <= settings.EMAIL_ATTACHMENT_MAX_MB * MEGABYTE


def _words(facts: Facts) -> list[str]:
    if _is_attached(facts):
        file = _("The sealed PDF is attached, exactly as we registered it: compare its SHA-256 with the one below.")
    else:
        file = _("The sealed PDF is too large for an email. Sign in and download it from the contract's page.")
    return [
        _("Contract %(contract)s: official document") % facts,
        _("Contract %(contract)s between %(party_a)s and %(issuer)s is official and carries the contract seal.")
        % facts,
        file,
    ]


def _facts(facts: Facts) -> list[tuple[str, str]]:
    return [
        (_("Contract No."), facts["contract"]),
        ("SHA-256", facts["sha256"]),
        (_("Verify the contract"), facts["verification_url"]),
        (_("Account number"), facts["account"]),
    ]


def _find_obstacle(notice: Notice) -> str:
    contract = Contract.objects.with_status_at(timezone.now()).get(number=notice.facts["contract"])
    return "" if contract.status_at == Contract.Status.OFFICIAL else NOT_IN_FORCE


def _attachment(notice: Notice) -> Attachment | None:
    """Return the registered file, read and checked now; None if it is too large. Raises Refused like documents.read."""
    if not _is_attached(notice.facts):
        return None
    kind = ContractDocument.Kind.OFFICIAL
    document = ContractDocument.objects.get(contract__number=notice.facts["contract"], kind=kind)
    return Attachment(f"{notice.facts['contract']}.pdf", documents.read(document), "application/pdf")


def _record_end(notice: Notice) -> None:
    is_sent = notice.state == Notice.State.SENT
    Delivery.objects.filter(notice=notice).update(
        state=Delivery.State.SENT if is_sent else Delivery.State.FAILED,
        ended_at=notice.sent_at if is_sent else timezone.now(),
        error=notice.error,
    )


OFFICIAL_DOCUMENT = register_kind(
    EmailKind(
        name="official_document",
        label=gettext_lazy("Official document"),
        words=_words,
        facts=_facts,
        action=gettext_lazy("Open the contract's page"),
        reason=gettext_lazy(
            "You receive this automatic email because account %(account)s has official contracts sent to this address."
        ),
        path=lambda notice: str(notice.facts["path"]),
        obstacle=_find_obstacle,
        attachment=_attachment,
        on_end=_record_end,
    )
)
