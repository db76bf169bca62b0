"""What a contract says, as plain values: the only input of the document renderer (R23)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Literal, NamedTuple

from contracts.pdf.labels import Labels, Language, Pair


class ClauseText(NamedTuple):
    """One clause in both languages; its texts may hold VARIABLES in braces."""

    heading_en: str
    text_en: str
    heading_zh: str
    text_zh: str


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
    """Where the money of a contract over unpaid orders goes (R13)."""

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DocumentType:
    """Texts and columns of the documents of one contract type. A text is a pair, or a key of TEXTS."""

    title: Pair
    period_head: str | Pair
    """The head of the table's column of dates."""
    period: Callable[[Line, tzinfo], str]
    """Return the text of that column. In a narrow column it is broken at its last space."""
    amount_head: str | Pair
    """The head of the last column, the payable amounts."""
    service_in_details: bool
    """True: the service period is printed under the product instead of in the column of dates."""
    validity: Callable[["ContractSnapshot", Labels], list[str]]
    """Return the valid period (R19), one line a language."""


@dataclass(frozen=True, slots=True)
class ContractSnapshot:
    """Everything the document prints. `total_amount` is the sum of the lines' payable amounts (R33)."""

    number: str
    type: DocumentType
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
    """None if the period begins with sealing, or for one-off goods (R19)."""
    valid_until: datetime | None = None
    remittance: Remittance | None = None
    """None if the contract type asks for no payment (R13)."""

    def printed_instants(self) -> list[datetime]:
        """Every instant that the document prints, in `time_zone`."""
        times = [(line.payment_deadline, line.service_start, line.service_end) for line in self.lines]
        return [self.applied_at, *(instant for of_line in times for instant in of_line if instant)]
