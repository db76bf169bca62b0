"""Read the status, files and trail of a contract under its lock, so that they are consistent."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from common.transactions import in_transaction
from contracts.documents import files as documents
from contracts.models import AuditEvent, Contract, ContractDocument, ContractOrder
from contracts.services.locking import lock_contracts

Kind = ContractDocument.Kind
FILES = {Kind.DRAFT: "draft.pdf", Kind.OFFICIAL: "official.pdf", Kind.VOID_CERTIFICATE: "void-certificate.pdf"}
"""Kind of document → file name in the bundle."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Rows of a contract. Stored files never change, so they are read after the lock is released."""

    contract: Contract
    """Annotated with `status_at` and `invalid_since` (R21)."""
    lines: list[ContractOrder]
    events: list[AuditEvent]
    documents: dict[str, ContractDocument]
    """By file name in the bundle."""

    @property
    def status(self) -> Contract.Status:
        return Contract.Status(self.contract.status_at)

    @property
    def as_of(self) -> datetime:
        """Return the time of the latest change (aware). Unchanged contracts give the same time."""
        contract = self.contract
        times = (contract.applied_at, contract.official_at, contract.voided_at, contract.invalid_since)
        return max([time for time in times if time] + [event.at for event in self.events])


@in_transaction
def gather(contract: Contract, *, voided_too: bool) -> Evidence:
    """Fetch the contract with everything the bundle needs, in four statements.

    Raises Refused `contract_voided` unless `voided_too`: customers have no documents of voided contracts (R18).
    """
    current = Contract.objects.with_status_at(timezone.now()).prefetch_related("documents")
    [contract] = lock_contracts(current.filter(pk=contract.pk))
    if not voided_too:
        documents.current(contract)
    stored = {document.kind: document for document in contract.get_documents()}
    return Evidence(
        contract=contract,
        lines=list(contract.lines.all()),
        events=list(contract.events.order_by("position")),
        documents={name: stored[kind] for kind, name in FILES.items() if kind in stored},
    )
