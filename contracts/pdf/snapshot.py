"""What a contract says, as plain values: the only input of the document renderer (R23)."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Literal

from contracts.pdf.clauses import ClauseText

ContractType = Literal["order", "payment_request"]
Language = Literal["en", "zh-hans", "both"]


@dataclass(frozen=True, slots=True)
class Party:
    """One side of the contract. Empty strings where a detail was not given."""

    name: str
    address: str
    contact: str
    phone: str
    email: str
    bank: str = ""
    bank_account: str = ""
    tax_number: str = ""
    account_number: str = ""
    """The customer's account number with the issuer; empty for the issuer."""


@dataclass(frozen=True, slots=True)
class Remittance:
    """Where the money of a payment request contract goes (R13)."""

    payee: str
    bank: str
    account_number: str
    exclusive: bool
    """True: reserved for this customer. False: the issuer's general account."""


@dataclass(frozen=True, slots=True)
class Line:
    """One order as it was when the contract was drafted. Amounts in the contract's currency; times aware."""

    number: str
    product_name: str
    kind: Literal["new", "renewal", "upgrade"]
    configuration: str
    region: str
    quantity: int
    list_amount: Decimal
    payable_amount: Decimal
    ordered_at: datetime
    payment_deadline: datetime
    paid_at: datetime | None = None
    service_start: datetime | None = None
    service_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContractSnapshot:
    """Everything the document prints. `total_amount` is the sum of the lines' payable amounts (R33)."""

    number: str
    type: ContractType
    language: Language
    currency: str
    """ISO 4217."""
    total_amount: Decimal
    party_a: Party
    party_b: Party
    lines: tuple[Line, ...]
    applied_at: datetime
    time_zone: tzinfo
    """Dates are printed in this zone: the account's."""
    clauses: tuple[ClauseText, ...]
    clause_version: int
    verification_code: str
    """As printed, in groups: ABCD-EFGH-…"""
    verification_url: str
    valid_from: datetime | None = None
    """Order contracts: earliest service start. None for payment requests (from sealing) and one-off goods (R19)."""
    valid_until: datetime | None = None
    """Order contracts: latest service end. Payment requests: the earliest payment deadline (R19)."""
    remittance: Remittance | None = None
    """Payment request contracts only (R13)."""

    def printed_instants(self) -> list[datetime]:
        """Every instant that the document prints, in `time_zone`."""
        times = [(line.payment_deadline, line.service_start, line.service_end) for line in self.lines]
        return [self.applied_at, *(instant for of_line in times for instant in of_line if instant)]
