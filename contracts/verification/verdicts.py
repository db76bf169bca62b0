"""Verdicts about files and codes, and whether a contract is in force."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from structlog.contextvars import bind_contextvars

from contracts.models import Contract
from contracts.models.querysets import ContractQuerySet
from contracts.types import ContractType
from contracts.verification import findings
from contracts.verification.findings import Code, Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a file or a code; no party, no order, no amount.

    `number` and what follows from it are given only to whoever holds a file or a code of that contract.
    """

    authentic: bool
    """A file: sealed by us, registered and unchanged. A code: its contract was sealed. In force is another question."""
    sha256: str
    """Of the file, in hex; of a code's sealed document, empty where there is none."""
    findings: list[Finding]
    status: Contract.Status | None = None
    """Of the contract as it is now, whatever the clock has done (R21)."""
    number: str | None = None
    type: ContractType | None = None
    sealed_at: datetime | None = None
    voided_at: datetime | None = None
    invalid_since: datetime | None = None
    cpu_seconds: float = 0.0
    """CPU time that reading a file of somebody else's took."""

    @property
    def in_force(self) -> bool:
        return self.authentic and self.status == Contract.Status.OFFICIAL

    def found(self, code: Code) -> bool:
        return any(finding.code == code for finding in self.findings)


def contracts_now() -> ContractQuerySet:
    return Contract.objects.with_status_at(timezone.now())


def verdict_on(
    contract: Contract, *, authentic: bool, sha256: str, found: list[Finding], sealed_at: datetime | None
) -> Verdict:
    """`contract` is of contracts_now(). Whether it is in force is added to what was found."""
    bind_contextvars(contract=contract.number)
    status = Contract.Status(contract.status_at)
    now = []
    if status == Contract.Status.VOIDED:
        now.append(findings.voided(contract.voided_at))
    if status == Contract.Status.INVALID and contract.invalid_since:
        now.append(findings.invalid(contract.invalid_since))
    return Verdict(
        authentic=authentic,
        sha256=sha256,
        findings=[*found, *now],
        status=status,
        number=contract.number,
        type=contract.contract_type,
        sealed_at=sealed_at,
        voided_at=contract.voided_at,
        invalid_since=contract.invalid_since,
    )
