"""Contracts, their orders, files, clauses, void tickets and audit trail."""

from contracts.models.approval import Approval
from contracts.models.audit_event import AuditEvent
from contracts.models.batch import Batch, BatchItem
from contracts.models.clauses import Clause, ClauseVersion
from contracts.models.contract import Contract, ContractDocument
from contracts.models.contract_order import ContractOrder
from contracts.models.delivery import Delivery
from contracts.models.evidence_signature import EvidenceSignature
from contracts.models.seal_check import SealCheck
from contracts.models.seal_key import SealKey
from contracts.models.seal_use import SealUse
from contracts.models.search import ContractSearch
from contracts.models.selection import Selection
from contracts.models.trail_seal import EvidenceStamp, TrailAnchor, TrailSeal
from contracts.models.void_ticket import VoidTicket

__all__ = [
    "Approval",
    "AuditEvent",
    "Batch",
    "BatchItem",
    "Clause",
    "ClauseVersion",
    "Contract",
    "ContractDocument",
    "ContractOrder",
    "ContractSearch",
    "Delivery",
    "EvidenceSignature",
    "EvidenceStamp",
    "SealCheck",
    "SealKey",
    "SealUse",
    "Selection",
    "TrailAnchor",
    "TrailSeal",
    "VoidTicket",
]
