"""The facts in which contract types differ, as one object a type."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.timezone import localtime

from contracts.pdf.snapshot import ClauseText, DocumentType
from orders.models import Order, get_status_label


class OrderTimes(Protocol):
    """Times of an order or of a line in a snapshot."""

    @property
    def payment_deadline(self) -> datetime: ...
    @property
    def service_start(self) -> datetime | None: ...
    @property
    def service_end(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, eq=False)
class DateColumn:
    """A column of dates in lists of orders."""

    label: Promise
    text: Callable[[Order], str]


def time_column(label: Promise, field: str) -> DateColumn:
    """Return a column with one time of each order, in the current time zone."""

    def text(order: Order) -> str:
        at = getattr(order, field)
        return date_format(localtime(at), "Y-m-d H:i") if at else ""

    return DateColumn(label, text)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pages:
    """Texts and columns of the pages for a contract type."""

    summary: Promise
    """Under the type's name in Select the Contract Type (R29)."""
    picker_lead: Promise
    picker_dates: tuple[DateColumn, ...]
    picker_amount: Promise
    """The label of the payable amounts in the picker."""
    missing_notice: Promise
    """Introduces the selected orders that the picker no longer lists."""
    empty_title: Promise
    empty_help: Promise
    confirm_dates: DateColumn
    amount: Promise
    """The label of the payable amounts on the confirm page and in the back office."""
    confirm_note: Promise | str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContractType:
    """One contract type. Add it to TYPES in contracts/types/__init__.py."""

    value: str
    """The value in the database and the API."""
    label: Promise
    accepted_statuses: tuple[Order.Status, ...]
    """Statuses of orders that may enter a contract (R1)."""
    dated_by: Literal["ordered_at", "paid_at"]
    """The time by which the picker filters and sorts orders (R9)."""
    refusal_of: Callable[[Sequence[Order]], str]
    """Return why these orders, each eligible and all in one currency, cannot form a contract; empty if they can."""
    valid_period: Callable[[Iterable[OrderTimes]], tuple[datetime | None, datetime | None]]
    """Return start and end of the valid period of a draft over these orders (R19)."""
    starts_when_official: bool
    """True: the valid period starts when the contract becomes official (R19)."""
    expires: bool
    """True: a live contract becomes invalid at the end of its valid period, or when one of its orders is cancelled or
    refunded (R20). False: it stays in force, and staff see that one of its orders was cancelled or refunded (R24)."""
    expiry_explanation: Promise | str
    """When and why contracts expire, for pages and emails; empty if they do not."""
    asks_for_payment: bool
    """True: pages and document show the remittance account (R13)."""
    reminds_of_drafts: bool
    """True: members get one reminder of an old draft."""
    pages: Pages
    document: DocumentType
    clauses: tuple[ClauseText, ...]
    """Version 1 of the clauses, published by `migrate`."""

    def __str__(self) -> str:
        return self.value

    @property
    def slug(self) -> str:
        """The value as it stands in URLs."""
        return self.value.replace("_", "-")

    @property
    def accepted_status_labels(self) -> str:
        """Return the labels of `accepted_statuses` for use inside a sentence, in the reader's language."""
        return get_text_list([get_status_label(status) for status in self.accepted_statuses])
