"""Acts about contracts that one staff member proposes and another confirms (R45)."""

from typing import Any

from django.utils.translation import gettext_lazy, gettext_noop, override

from accounts import four_eyes
from accounts.access.actors import Actor
from accounts.four_eyes import Act, Change, register_act
from accounts.models import Issuer, Proposal
from common.versions import Version
from contracts.models import ClauseVersion, VoidTicket
from contracts.services import publishing
from contracts.services.void import approve_void


def _get_version_state(version: Version | None) -> str:
    return publishing.fingerprint(version) if version else "discarded"


def _perform_void(proposal: Proposal, by: Actor) -> object:
    return approve_void(ticket=VoidTicket.objects.get(pk=proposal.subject), **proposal.values, by=by)


def _get_ticket_state(pk: str) -> object:
    return VoidTicket.objects.filter(pk=pk).values_list("status", "contract__status").first()


VOID_APPROVAL = register_act(
    Act(
        name="void_approval",
        label=gettext_lazy("Approve a void ticket"),
        permission="contracts.decide_voidticket",
        get_state=_get_ticket_state,
        perform=_perform_void,
    )
)
CLAUSES = register_act(
    Act(
        name="clauses",
        label=gettext_lazy("Publish clauses"),
        permission="contracts.publish_clauseversion",
        get_state=lambda pk: _get_version_state(ClauseVersion.objects.filter(pk=pk).first()),
        perform=lambda proposal, by: publishing.publish_clauses(
            version=ClauseVersion.objects.get(pk=proposal.subject), by=by
        ),
    )
)
ISSUER = register_act(
    Act(
        name="issuer",
        label=gettext_lazy("Publish the issuer"),
        permission="accounts.publish_issuer",
        get_state=lambda pk: _get_version_state(Issuer.objects.filter(pk=pk).first()),
        perform=lambda proposal, by: publishing.publish_issuer(version=Issuer.objects.get(pk=proposal.subject), by=by),
    )
)


def propose_void_approval(ticket: VoidTicket, by: Actor, given: dict[str, Any]) -> Proposal | None:
    """Propose to approve the ticket; None without FOUR_EYES. Nobody proposes it for a ticket that they opened."""
    if not four_eyes.is_on():
        return None
    contract = ticket.contract
    by.require_no_conflict(account_id=contract.account_id, asked_by=ticket.opened_by_id)
    changes = [
        (gettext_noop("Contract No."), contract.number, contract.number),
        (gettext_noop("Reason"), "", ticket.reason),
        (gettext_noop("Note to the customer"), "", given["note"]),
    ]
    return four_eyes.propose(
        VOID_APPROVAL,
        subject=str(ticket.pk),
        account=contract.account,
        values={"note": given["note"]},
        changes=changes,
        by=by,
    )


def propose_clauses(version: ClauseVersion, by: Actor, given: dict[str, Any]) -> Proposal | None:
    """Propose to publish the clauses; None without FOUR_EYES. Raises Refused like `publish_clauses`."""
    if not four_eyes.is_on():
        return None
    publishing.require_sound(publishing.find_clause_faults(version.texts()))
    before = ClauseVersion.objects.of(version.type).in_force()
    changes = [(gettext_noop("Version"), _number(before), _number(version)), *_compare_clauses(before, version)]
    return four_eyes.propose(CLAUSES, subject=str(version.pk), account=None, values={}, changes=changes, by=by)


def propose_issuer(version: Issuer, by: Actor, given: dict[str, Any]) -> Proposal | None:
    """Propose to publish the issuer; None without FOUR_EYES. Raises Refused like `publish_issuer`."""
    if not four_eyes.is_on():
        return None
    publishing.require_sound(publishing.find_issuer_faults(version))
    before = Issuer.objects.in_force()
    names = [name for name in publishing.ISSUER_TEXTS if not before or getattr(before, name) != getattr(version, name)]
    changes: list[Change] = [(gettext_noop("Version"), _number(before), _number(version))]
    with override("en"):  # the language of the texts to translate
        labels = {name: publishing.get_label(Issuer, name) for name in names}
    changes += [(labels[name], getattr(before, name) if before else "", getattr(version, name)) for name in names]
    return four_eyes.propose(ISSUER, subject=str(version.pk), account=None, values={}, changes=changes, by=by)


def _compare_clauses(before: ClauseVersion | None, version: ClauseVersion) -> list[Change]:
    """Return the texts that are not the same in both versions, by position."""
    old, new = (list(one.texts()) if one else [] for one in (before, version))
    length = max(len(old), len(new))
    pairs = zip(old + [None] * (length - len(old)), new + [None] * (length - len(new)), strict=True)
    return [
        (f"{position}.", _print(one), _print(other)) for position, (one, other) in enumerate(pairs, 1) if one != other
    ]


def _print(text: Any) -> str:
    return "\n".join(map(str, text)) if text else ""


def _number(version: Version | None) -> str:
    return str(version.version) if version else ""
