"""What is known of one contract at one moment, read under its lock: status, files and trail fit together."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from common.transactions import in_transaction
from contracts.documents import files as documents
from contracts.models import AuditEvent, Contract, ContractDocument, ContractOrder
from contracts.services.locking import lock_contracts

Kind = ContractDocument.Kind
FILES = {Kind.DRAFT: "draft.pdf", Kind.OFFICIAL: "official.pdf", Kind.VOID_CERTIFICATE: "void-certificate.pdf"}
"""Kind of document → its name in the bundle."""


@dataclass(frozen=True, slots=True)
class Known:
    """Rows alone; the files are read after the lock is gone, for what a row names never changes."""

    contract: Contract
    """With `status_at` and `invalid_since` (R21)."""
    lines: list[ContractOrder]
    events: list[AuditEvent]
    documents: dict[str, ContractDocument]
    """By their names in the bundle."""

    @property
    def status(self) -> Contract.Status:
        return Contract.Status(self.contract.status_at)

    @property
    def as_of(self) -> datetime:
        """When the latest happened of all that is known (aware): the same for as long as nothing new does."""
        contract = self.contract
        times = (contract.applied_at, contract.official_at, contract.voided_at, contract.invalid_since)
        return max([time for time in times if time] + [event.at for event in self.events])


@in_transaction
def gather(contract: Contract, *, voided_too: bool) -> Known:
    """Everything known of `contract`: four statements, however many orders and events it has.

    Raises Refused `contract_voided` unless `voided_too`: customers have no document of it any more (R18).
    """
    as_now = Contract.objects.with_status_at(timezone.now()).prefetch_related("documents")
    [contract] = lock_contracts(as_now.filter(pk=contract.pk))
    if not voided_too:
        documents.current(contract)
    kept = {document.kind: document for document in contract.documents.all()}
    return Known(
        contract=contract,
        lines=list(contract.lines.all()),
        events=list(contract.events.order_by("position")),
        documents={name: kept[kind] for kind, name in FILES.items() if kind in kept},
    )
