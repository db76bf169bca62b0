"""Emails about contracts and void tickets."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.emails import register_account_kind
from contracts.models import Contract
from contracts.types import TYPES
from emails.kinds import TEST_FACT, EmailKind, Facts, register_kind


def email_facts(contract: Contract, **more: str) -> dict[str, str]:
    """Return the facts of an email about this contract. Times in `more` are ISO 8601 with offset."""
    path = reverse("contract-detail", args=[contract.number])
    return {"contract": contract.number, "path": path, **fact_of_test(contract), **more}


def fact_of_test(contract: Contract) -> dict[str, str]:
    """Return the fact that makes the email's subject begin with [TEST], for a test account's contract (R48)."""
    return {TEST_FACT: "true"} if contract.is_test else {}


def _contract_kind(name: str, label: Promise, words: Callable[[Facts], list[str]]) -> EmailKind:
    return register_account_kind(
        name,
        label,
        words=words,
        facts=_contract_facts,
        action=gettext_lazy("Open the contract's page"),
        times=frozenset({"since", "ends"}),
    )


def _contract_facts(facts: Facts) -> list[tuple[str, str]]:
    of_ticket = [(_("Void ticket"), facts["ticket"]), (_("Reason"), facts["reason"])] if "ticket" in facts else []
    message = [(_("Message"), facts["message"])] if facts.get("message") else []
    return [(_("Contract No."), facts["contract"]), *of_ticket, *message]


def _ticket_opened(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: request to void received") % facts,
        _("We received the request to void contract %(contract)s.") % facts,
        _(
            "Our contract staff will review it and email you the decision. Until then the contract stays in force and "
            "keeps its orders."
        ),
    ]


def _ticket_approved(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: voided") % facts,
        _("The request to void contract %(contract)s was approved. The contract is now voided.") % facts,
        _(
            "Its orders can now be included in another contract. You can download the sealed void certificate from the "
            "contract's page."
        ),
    ]


def _ticket_rejected(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: request to void rejected") % facts,
        _("The request to void contract %(contract)s was rejected. The contract stays in force.") % facts,
        _("See the note below for the reason. You can submit a new request on the contract's page."),
    ]


def _contract_invalid(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: invalid") % facts,
        _("Contract %(contract)s has been invalid since %(since)s.") % facts,
        _("%(why)s Its other orders can be included in another contract.")
        % {"why": TYPES[facts["type"]].expiry_explanation},
    ]


def _contract_ends(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s expires soon") % facts,
        _("Contract %(contract)s expires at %(ends)s, the earliest payment deadline of its orders.") % facts,
        _("Orders that are not paid by their deadline are cancelled, and the contract becomes invalid."),
    ]


def _draft_waits(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s is still a draft") % facts,
        _("Contract %(contract)s has been a draft since %(since)s. A draft has no seal and is not binding.") % facts,
        _("Convert it to an official contract, or void it so that its orders can be included in another contract."),
    ]


def _approval_requested(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s waits for your approval") % facts,
        _("A member of your account asks you to approve the conversion of contract %(contract)s.") % facts,
        _("Check the draft. When you approve it, the contract becomes official in the same step."),
    ]


def _approval_approved(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: approved and official") % facts,
        _("Your request was approved. Contract %(contract)s is now official and carries the contract seal.") % facts,
        _("You can download it from the contract's page."),
    ]


def _approval_rejected(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: not approved") % facts,
        _("The conversion of contract %(contract)s was not approved. It is still a draft.") % facts,
        _("See the note below for the reason. You can void the draft, or request approval again."),
    ]


APPROVAL_REQUESTED = _contract_kind("approval_requested", gettext_lazy("Approval requested"), _approval_requested)
APPROVAL_APPROVED = _contract_kind("approval_approved", gettext_lazy("Conversion approved"), _approval_approved)
APPROVAL_REJECTED = _contract_kind("approval_rejected", gettext_lazy("Conversion not approved"), _approval_rejected)
TICKET_OPENED = _contract_kind("ticket_opened", gettext_lazy("Void requested"), _ticket_opened)
TICKET_APPROVED = _contract_kind("ticket_approved", gettext_lazy("Void request approved"), _ticket_approved)
TICKET_REJECTED = _contract_kind("ticket_rejected", gettext_lazy("Void request rejected"), _ticket_rejected)
CONTRACT_INVALID = _contract_kind("contract_invalid", gettext_lazy("Contract became invalid"), _contract_invalid)
CONTRACT_ENDS = _contract_kind("contract_ends", gettext_lazy("Contract expires soon"), _contract_ends)
DRAFT_WAITS = _contract_kind("draft_waits", gettext_lazy("Draft reminder"), _draft_waits)


def _daily_list(facts: Facts) -> list[str]:
    return [
        _("Daily list %(number)s of %(day)s") % facts,
        _(
            "Keep this email outside the issuer's systems. It records the list of contract documents and audit trails "
            "of that day (UTC), as it was sealed."
        ),
        _(
            "At an audit, list %(number)s must be stored under this SHA-256. Otherwise records were replaced or lost "
            "after this email was sent."
        )
        % facts,
    ]


def _daily_list_facts(facts: Facts) -> list[tuple[str, str]]:
    return [
        (_("Number"), facts["number"]),
        (_("Day (UTC)"), facts["day"]),
        (_("SHA-256 of the list"), facts["sha256"]),
        (_("Merkle root"), facts["root"]),
    ]


DAILY_LIST = register_kind(
    EmailKind(
        name="daily_list",
        label=gettext_lazy("Daily list for the auditor"),
        words=_daily_list,
        facts=_daily_list_facts,
        action=gettext_lazy("Open the verification page"),
        reason=gettext_lazy("You receive this automatic email because the issuer named you as its auditor."),
        path=lambda _notice: reverse("verify"),
    )
)
