"""Contracts, what they were drafted from, their files, the requests to void them, and the trail of all of it."""

from contracts.models.audit_event import AuditEvent
from contracts.models.clauses import Clause, ClauseVersion
from contracts.models.contract import Contract, ContractDocument, ContractOrder
from contracts.models.seal_check import SealCheck
from contracts.models.selection import Selection
from contracts.models.trail_seal import TrailSeal
from contracts.models.void_ticket import VoidTicket

__all__ = [
    "AuditEvent",
    "Clause",
    "ClauseVersion",
    "Contract",
    "ContractDocument",
    "ContractOrder",
    "SealCheck",
    "Selection",
    "TrailSeal",
    "VoidTicket",
]
