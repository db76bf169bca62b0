"""What a contract type is: everything in which the types differ."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.timezone import localtime

from contracts.pdf.clauses import ClauseText
from contracts.pdf.snapshot import DocumentType
from orders.models import Order, status_in_words


class Dated(Protocol):
    """The times of an order, or of its snapshot."""

    @property
    def payment_deadline(self) -> datetime: ...
    @property
    def service_start(self) -> datetime | None: ...
    @property
    def service_end(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of dates in the lists of orders."""

    label: Promise
    text: Callable[[Order], str]


def moment_column(label: Promise, field: str) -> Column:
    """A column with one time of the order, in the zone of the page."""

    def text(order: Order) -> str:
        at = getattr(order, field)
        return date_format(localtime(at), "Y-m-d H:i") if at else ""

    return Column(label, text)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pages:
    """What the pages ask and show for a contract type."""

    summary: Promise
    """Under the type's name in Select the Contract Type (R29)."""
    picker_lead: Promise
    picker_dates: tuple[Column, ...]
    picker_amount: Promise
    """The label of the payable amounts in the picker."""
    left_picker: Promise
    """Before the numbers of selected orders that the type does not take any more."""
    no_orders: Promise
    no_orders_help: Promise
    confirm_dates: Column
    amount: Promise
    """The label of the payable amounts on the confirm page and in the back office."""
    confirm_note: Promise | str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContractType:
    value: str
    """As stored, and in the API."""
    label: Promise
    takes: tuple[Order.Status, ...]
    """The statuses of the orders that may enter a contract (R1)."""
    dated_by: Literal["ordered_at", "paid_at"]
    """The time by which the picker filters and sorts orders (R9)."""
    why_not_together: Callable[[Sequence[Order]], str]
    """Why these orders, each eligible and all in one currency, make no contract; empty if they make one."""
    valid_period: Callable[[Iterable[Dated]], tuple[datetime | None, datetime | None]]
    """Beginning and end as drafted (R19)."""
    valid_from_official: bool
    """True: the valid period begins when the contract becomes official (R19)."""
    expires: bool
    """True: a live contract becomes invalid at the end of its valid period, or once an order ends before that (R20).
    False: neither ends it, and staff see which contracts have such orders (R24)."""
    why_expired: Promise | str
    """What customers are told of a contract that became invalid."""
    asks_for_payment: bool
    """True: contracts show the remittance account (R13)."""
    reminds_of_drafts: bool
    """True: members are reminded of old drafts. False: drafts have expired by then."""
    pages: Pages
    document: DocumentType
    clauses: tuple[ClauseText, ...]
    """Version 1 of the clauses, which `migrate` publishes."""

    def __str__(self) -> str:
        return self.value

    @property
    def slug(self) -> str:
        """The type in addresses."""
        return self.value.replace("_", "-")

    @property
    def statuses_taken(self) -> str:
        """The statuses of `takes` inside a sentence, in the reader's language."""
        return get_text_list([status_in_words(status) for status in self.takes])
