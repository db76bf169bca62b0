"""A code in, a verdict out: what anybody who holds a document may learn of its contract."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from contracts.models import Contract, ContractDocument


@dataclass(frozen=True, slots=True)
class Verdict:
    """The public facts of one contract; no party, no order, no amount."""

    number: str
    type: Contract.Type
    status: Contract.Status
    """As it is now, whatever the clock has done (R21)."""
    official_at: datetime | None
    sha256: str
    """Of the sealed document, in hex; empty for a contract that never became official."""

    @property
    def authentic(self) -> bool:
        """Whether an official contract of this code is in force: a draft is not."""
        return self.status == Contract.Status.OFFICIAL


def verdict_of_code(text: str) -> Verdict | None:
    """The verdict on a code as printed or typed: dashes, spaces and case do not matter. None for an unknown code."""
    code = "".join(char for char in text.upper() if char.isalnum())
    contracts = Contract.objects.with_status_at(timezone.now()).prefetch_related("documents")
    contract = contracts.filter(verification_code=code).first() if code else None
    if contract is None:
        return None
    hashes = {document.kind: document.sha256 for document in contract.documents.all()}
    return Verdict(
        number=contract.number,
        type=Contract.Type(contract.type),
        status=Contract.Status(contract.status_at),
        official_at=contract.official_at,
        sha256=hashes.get(ContractDocument.Kind.OFFICIAL, ""),
    )
