"""Emails about contracts and void tickets."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.emails import register_account_kind
from contracts.models import Contract
from emails.kinds import EmailKind, Facts
from emails.models import Notice


def facts_of(contract: Contract, **more: str) -> dict[str, str]:
    """Return the facts of an email about this contract; times among `more` are ISO 8601 with offset."""
    return {"contract": contract.number, "path": reverse("contract-detail", args=[contract.number]), **more}


def _contract_kind(name: str, label: Promise, words: Callable[[Facts], list[str]]) -> EmailKind:
    return register_account_kind(
        name,
        label,
        words=words,
        facts=_contract_facts,
        action=gettext_lazy("Open the contract's page"),
        path=_contract_path,
        times=frozenset({"since", "ends"}),
    )


def _contract_path(notice: Notice) -> str:
    path: str = notice.facts["path"]
    return path


def _contract_facts(facts: Facts) -> list[tuple[str, str]]:
    of_ticket = [(_("Void ticket"), facts["ticket"]), (_("Reason"), facts["reason"])] if "ticket" in facts else []
    return [(_("Contract No."), facts["contract"]), *of_ticket]


def _ticket_opened(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: request to void received") % facts,
        _("We received the request to void contract %(contract)s.") % facts,
        _(
            "Our contract staff decide about it, and you will get an email with the decision. Until then the contract "
            "stays in force, and its orders stay in it."
        ),
    ]


def _ticket_approved(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: voided") % facts,
        _("The request to void contract %(contract)s was approved: the contract is voided.") % facts,
        _(
            "Its orders can enter another contract now. A sealed void certificate can be downloaded on the contract's "
            "page."
        ),
    ]


def _ticket_rejected(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: request to void rejected") % facts,
        _("The request to void contract %(contract)s was rejected: the contract stays in force.") % facts,
        _("The note below says why. You can ask again on the contract's page."),
    ]


def _contract_invalid(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s: invalid") % facts,
        _("Contract %(contract)s is invalid since %(since)s.") % facts,
        _(
            "A payment request contract ends at the earliest payment deadline of its orders, or when one of them is "
            "cancelled or refunded. Its other orders can enter another contract."
        ),
    ]


def _contract_ends(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s ends soon") % facts,
        _("Contract %(contract)s ends at %(ends)s, the earliest payment deadline of its orders.") % facts,
        _("Orders that are not paid by their deadline are cancelled. The contract is invalid then."),
    ]


def _draft_waits(facts: Facts) -> list[str]:
    return [
        _("Contract %(contract)s is still a draft") % facts,
        _("Contract %(contract)s has been a draft since %(since)s. A draft has no seal and binds nobody.") % facts,
        _("Convert it to an official contract, or void it, so that its orders can enter another contract."),
    ]


TICKET_OPENED = _contract_kind("ticket_opened", gettext_lazy("Void requested"), _ticket_opened)
TICKET_APPROVED = _contract_kind("ticket_approved", gettext_lazy("Void request approved"), _ticket_approved)
TICKET_REJECTED = _contract_kind("ticket_rejected", gettext_lazy("Void request rejected"), _ticket_rejected)
CONTRACT_INVALID = _contract_kind("contract_invalid", gettext_lazy("Contract became invalid"), _contract_invalid)
CONTRACT_ENDS = _contract_kind("contract_ends", gettext_lazy("Contract ends soon"), _contract_ends)
DRAFT_WAITS = _contract_kind("draft_waits", gettext_lazy("Draft waits"), _draft_waits)
