"""Actions on a contract that a user may take now (R4, R5, R18, R26, R32, R44), for pages and the API's `actions`."""

from accounts.access.actors import Actor
from contracts.models import Contract

Status = Contract.Status
ACTIONS = (
    *("preview", "download", "convert", "request_approval", "decide_approval"),
    *("void", "request_void", "reapply"),
)


def get_actions(contract: Contract, *, by: Actor) -> list[str]:
    """Return the actions of a member, in display order. `contract` has the annotations of `with_facts_at`."""
    actions = [] if contract.status_at == Status.VOIDED else ["preview", "download"]
    if not by.may_act:
        return actions
    if contract.status_at == Status.DRAFT:
        actions += [*_actions_to_convert(contract, by), "void"]
    elif contract.status_at == Status.OFFICIAL:
        actions += [] if contract.ticket_open else ["request_void"]
    else:
        actions += ["reapply"]
    return actions


def _actions_to_convert(contract: Contract, by: Actor) -> list[str]:
    """Return how the member can get a draft converted (R44)."""
    if not by.own_account.requires_approval(contract.total_amount, contract.currency):
        return ["convert"]
    if contract.approval_requested_by is None:
        return ["request_approval"]
    return ["decide_approval"] if by.may_approve and contract.approval_requested_by != by.user_id else []
