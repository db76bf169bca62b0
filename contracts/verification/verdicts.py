"""Verdicts about files and codes, and whether a contract is in force."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from structlog.contextvars import bind_contextvars

from contracts.models import Contract, ContractDocument
from contracts.models.querysets import ContractQuerySet
from contracts.types import ContractType
from contracts.verification import findings
from contracts.verification.findings import Code, Finding


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict on a file or a code, for people who may have nothing but that.

    `number` and the fields after it are set only if the file or code belongs to that contract. Those from
    `total_amount` to `party_b` are only set for codes, so that the holder of a paper can compare it (R41).
    """

    authentic: bool
    """File: sealed by us, registered and unchanged. Code: its contract was sealed. Independent of being in force.

    False for test accounts' contracts, whose seal is not ours (R48).
    """
    sha256: str
    """SHA-256 in hex: of the file, or of a code's sealed document (empty if there is none)."""
    findings: list[Finding]
    status: Contract.Status | None = None
    """The contract's current status, expiry included (R21)."""
    number: str | None = None
    type: ContractType | None = None
    sealed_at: datetime | None = None
    voided_at: datetime | None = None
    invalid_since: datetime | None = None
    total_amount: Decimal | None = None
    currency: str | None = None
    order_count: int | None = None
    party_a_masked: str | None = None
    party_b: str | None = None
    is_test: bool = False
    """True if the contract is of a test account; such a verdict has the finding `test` (R48)."""
    sealed_part: ContractDocument | None = None
    """The registered sealed document that a changed file begins with, unless its contract was voided (R18)."""
    cpu_seconds: float = 0.0
    """CPU time spent on reading an untrusted file."""

    @property
    def in_force(self) -> bool:
        return self.authentic and self.status == Contract.Status.OFFICIAL

    def has_finding(self, code: Code) -> bool:
        return any(finding.code == code for finding in self.findings)


def contracts_with_status() -> ContractQuerySet:
    return Contract.objects.with_status_at(timezone.now())


def verdict_on(
    contract: Contract, *, authentic: bool, sha256: str, found: list[Finding], sealed_at: datetime | None
) -> Verdict:
    """Return the verdict on a contract of contracts_with_status(). Adds whether it is in force to `found`.

    The finding `test` comes first if all is right with a test account's document, and last otherwise.
    """
    bind_contextvars(contract=contract.number)
    status = Contract.Status(contract.status_at)
    if contract.is_test:
        test = findings.finding(Code.TEST, issuer=contract.party_b["name"])
        is_right = authentic or all(one.code == Code.DRAFT for one in found)
        found = [test, *found] if is_right else [*found, test]
    now = []
    if status == Contract.Status.VOIDED:
        now.append(findings.voided(contract.voided_at))
    if status == Contract.Status.INVALID and contract.invalid_since:
        now.append(findings.invalid(contract.invalid_since))
    return Verdict(
        authentic=authentic and not contract.is_test,
        sha256=sha256,
        findings=[*found, *now],
        status=status,
        number=contract.number,
        type=contract.contract_type,
        sealed_at=sealed_at,
        voided_at=contract.voided_at,
        invalid_since=contract.invalid_since,
        is_test=contract.is_test,
    )
