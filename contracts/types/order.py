"""Order contracts: over paid orders, for the archive."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.pdf.dates import print_date, print_period
from contracts.pdf.labels import Labels
from contracts.pdf.snapshot import ContractSnapshot, DocumentType, Line
from contracts.types.base import ContractType, DateColumn, OrderTimes, Pages, time_column
from contracts.types.order_clauses import CLAUSES
from orders.models import Order

VALID = (
    "{since} to {until}, the earliest service start to the latest service end of the orders",
    "{since} 至 {until}（各订单服务的最早开始日至最晚结束日）",
)
ONE_OFF = ("One-off goods: no service period", "一次性商品，无服务期限")


def service_period(orders: Iterable[OrderTimes]) -> tuple[datetime | None, datetime | None]:
    """Return the earliest service start and the latest service end; None for one-off goods (R19)."""
    orders = list(orders)
    start = min((order.service_start for order in orders if order.service_start), default=None)
    end = max((order.service_end for order in orders if order.service_end), default=None)
    return start, end


def service_dates(order: Order) -> str:
    if not order.service_start or not order.service_end:
        return "—"
    start, end = (date_format(localtime(at), "Y-m-d") for at in (order.service_start, order.service_end))
    return f"{start} – {end}"


def print_service_period(line: Line, zone: tzinfo) -> str:
    return print_period(line.service_start, line.service_end, zone)


def print_validity(contract: ContractSnapshot, labels: Labels) -> list[str]:
    if not contract.valid_from or not contract.valid_until:
        return [labels(ONE_OFF)]
    since, until = (print_date(at, contract.time_zone) for at in (contract.valid_from, contract.valid_until))
    return labels.lines(VALID, since=since, until=until)


ORDER = ContractType(
    value="order",
    label=_("Order contract"),
    accepted_statuses=(Order.Status.PAID,),
    dated_by="paid_at",
    refusal_of=lambda orders: "",
    valid_period=service_period,
    starts_when_official=False,
    expires=False,
    expiry_explanation="",
    asks_for_payment=False,
    reminds_of_drafts=True,
    pages=Pages(
        summary=_("For paid orders. Your company's contract archive, with the service period of each order."),
        picker_lead=_(
            "Orders paid in the current month are shown. Search for other dates or products; checked orders "
            "stay selected."
        ),
        picker_dates=(time_column(pgettext_lazy("when", "Paid"), "paid_at"),),
        picker_amount=_("Amount paid"),
        missing_notice=_("Not among your paid orders, so removed from the selection:"),
        empty_title=_("No paid orders in this period"),
        empty_help=_("Choose other dates or another product. Orders appear here once they are paid."),
        confirm_dates=DateColumn(_("Service period"), service_dates),
        amount=_("Amount paid"),
    ),
    document=DocumentType(
        title=("Order Contract", "订单合同"),
        period_head="period",
        period=print_service_period,
        amount_head="paid",
        service_in_details=False,
        validity=print_validity,
    ),
    clauses=CLAUSES,
)
