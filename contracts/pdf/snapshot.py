"""The content of a contract as plain values: the only input of the renderer (R23)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Literal, NamedTuple

from contracts.pdf.labels import Labels, Language, Pair


class ClauseText(NamedTuple):
    """A clause in both languages. Its texts may contain VARIABLES in braces."""

    heading_en: str
    text_en: str
    heading_zh: str
    text_zh: str
    set_apart: bool = False
    """True: printed in bold, as the law asks for clauses that limit liability."""


CLAUSE_TEXTS = ("heading_en", "text_en", "heading_zh", "text_zh")
"""The fields of ClauseText that are texts."""


@dataclass(frozen=True, slots=True)
class Party:
    """A party of the contract. Missing details are empty."""

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
    credit_code: str = ""
    """The customer's unified social credit code, as verified when it was certified."""
    legal_representative: str = ""
    signing_place: str = ""


@dataclass(frozen=True, slots=True)
class Remittance:
    """The account to which the customer remits the money (R13)."""

    payee: str
    bank: str
    account_number: str
    exclusive: bool
    """True: reserved for this customer. False: the issuer's general account."""


@dataclass(frozen=True, slots=True)
class Line:
    """An order as it was when the contract was drafted. Amounts are in the contract's currency; times are aware."""

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
    unit: str = ""
    """Printed behind the quantity."""
    tax_rate: Decimal | None = None
    """Percent; None if the order states no tax (R35)."""
    tax_amount: Decimal | None = None
    """Included in the payable amount."""
    details: tuple[tuple[str, str], ...] = ()
    """Further facts: a key of TEXTS and the text to print."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DocumentType:
    """Texts and columns of a contract type's documents. A text is a pair or a key of TEXTS."""

    title: Pair
    period_head: str | Pair
    """Head of the table's column of dates."""
    period: Callable[[Line, tzinfo], str]
    """Returns the text of that column. In a narrow column it is broken at its last space."""
    amount_head: str | Pair
    """Head of the last column, the payable amounts."""
    service_in_details: bool
    """True: the service period is printed under the product instead of in the column of dates."""
    validity: Callable[["ContractSnapshot", Labels], list[str]]
    """Returns the valid period (R19), one line for each language."""


@dataclass(frozen=True, slots=True)
class ContractSnapshot:
    """Everything that the document prints. `total_amount` is the sum of the lines' payable amounts (R33)."""

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
    po_number: str = ""
    """The customer's purchase order number (R34)."""
    is_test: bool = False
    """True for a test account's contract, which says TEST on every page (R48)."""

    def printed_instants(self) -> list[datetime]:
        """Return all instants that the document prints."""
        times = [(line.payment_deadline, line.service_start, line.service_end) for line in self.lines]
        return [self.applied_at, *(instant for of_line in times for instant in of_line if instant)]
