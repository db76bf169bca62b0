"""What a caller may do with a contract now (R4, R5, R18, R26, R32): buttons of the pages, `actions` of the API."""

from contracts.models import Contract

Status = Contract.Status
ACTIONS = ("preview", "download", "convert", "void", "request_void", "reapply")


def actions_of(contract: Contract, *, may_act: bool) -> list[str]:
    """The actions open to a reader (`may_act` False) or to one who may act, in the order they are shown.

    `contract` carries `status_at` and `ticket_open` (`ContractQuerySet.with_facts_at`).
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
