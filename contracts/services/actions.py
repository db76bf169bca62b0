"""Actions on a contract that a user may take now (R4, R5, R18, R26, R32), for pages and the API's `actions`."""

from contracts.models import Contract

Status = Contract.Status
ACTIONS = ("preview", "download", "convert", "void", "request_void", "reapply")


def actions_of(contract: Contract, *, may_act: bool) -> list[str]:
    """Return the actions of a viewer (`may_act` False) or of a member who may act, in display order.

    `contract` has the annotations `status_at` and `ticket_open` of `with_facts_at`.
    """
    actions = [] if contract.status_at == Status.VOIDED else ["preview", "download"]
    if not may_act:
        return actions
    if contract.status_at == Status.DRAFT:
        actions += ["convert", "void"]
    elif contract.status_at == Status.OFFICIAL:
        actions += [] if contract.ticket_open else ["request_void"]
    else:
        actions += ["reapply"]
    return actions
