from django.utils import timezone

from accounts.access.actors import Actor
from common.texts import validate_text
from common.transactions import in_transaction
from contracts.models import AuditEvent, Contract
from contracts.services import locking
from contracts.services.search_entries import renew_search_entry
from contracts.trail import record as audit


@in_transaction
def edit_remarks(*, contract: Contract, remarks: str, by: Actor) -> Contract:
    """Change the customer's remarks, in any status (R17). Return the reloaded contract.

    Raises Refused `invalid` if they are too long.
    """
    by.require_to_act()
    remarks = validate_text(Contract, "remarks", remarks, pointer="/remarks")
    now = timezone.now()
    contract, _ = locking.lock_contract(contract.pk, now=now)
    if contract.remarks != remarks:
        contract.remarks = remarks
        contract.save(update_fields=["remarks", "updated_at"])
        renew_search_entry(contract)
        audit.record([audit.event(contract, AuditEvent.Kind.REMARKS_EDITED, by=by, at=now)])
    return contract
