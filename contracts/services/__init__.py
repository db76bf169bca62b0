"""Every write of contracts and tickets. Pages, API, back office, tasks and commands use only these functions.

All follow one pattern: atomic → lock and reload → check → transition → save → audit event.
"""

from contracts.services.apply import apply_for_contract
from contracts.services.approvals import reject_approval, request_approval, withdraw_approval
from contracts.services.convert import approve_conversion, convert_to_official
from contracts.services.expiry import invalidate_due
from contracts.services.remarks import edit_remarks
from contracts.services.reminders import remind_due
from contracts.services.void import approve_void, reject_void, request_void, void_draft

__all__ = [
    "apply_for_contract",
    "approve_conversion",
    "approve_void",
    "convert_to_official",
    "edit_remarks",
    "invalidate_due",
    "reject_approval",
    "reject_void",
    "remind_due",
    "request_approval",
    "request_void",
    "void_draft",
    "withdraw_approval",
]
