"""Payment request contracts: over unpaid orders, for approval inside the customer's company."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.money import format_amount
from contracts.pdf.dates import print_time
from contracts.pdf.labels import Labels
from contracts.pdf.snapshot import ContractSnapshot, DocumentType, Line
from contracts.types.base import ContractType, OrderTimes, Pages, time_column
from contracts.types.payment_request_clauses import CLAUSES
from orders.models import Order

VALID = (
    "From the time of sealing until {until}, the earliest payment deadline of the orders",
    "自盖章之时起至 {until}（各订单中最早的付款截止时间）",
)


def nothing_to_pay(orders: Sequence[Order]) -> str:
    if any(order.payable_amount for order in orders):
        return ""
    return gettext(
        "A payment request contract needs an amount to pay, but the total of these orders is %(amount)s."
    ) % {"amount": format_amount(Decimal(0), orders[0].currency)}


def until_first_deadline(orders: Iterable[OrderTimes]) -> tuple[None, datetime]:
    """Return the earliest payment deadline as the end; the start is not known before sealing (R19)."""
    return None, min(order.payment_deadline for order in orders)


def print_deadline(line: Line, zone: tzinfo) -> str:
    return print_time(line.payment_deadline, zone)


def print_validity(contract: ContractSnapshot, labels: Labels) -> list[str]:
    until = print_time(contract.valid_until, contract.time_zone) if contract.valid_until else "–"
    return labels.lines(VALID, until=until)


PAYMENT_REQUEST = ContractType(
    value="payment_request",
    label=_("Payment request contract"),
    accepted_statuses=(Order.Status.UNPAID,),
    dated_by="ordered_at",
    refusal_of=nothing_to_pay,
    valid_period=until_first_deadline,
    starts_when_official=True,
    expires=True,
    expiry_explanation=_(
        "A payment request contract expires at the earliest payment deadline of its orders, or when one of them is "
        "cancelled or refunded."
    ),
    asks_for_payment=True,
    reminds_of_drafts=False,
    pages=Pages(
        summary=_(
            "For unpaid orders. Supports payment requests and procurement inside your company, until the payment "
            "deadline."
        ),
        picker_lead=_(
            "Unpaid orders of the current month are shown. Search for other dates or products; checked orders "
            "stay selected."
        ),
        picker_dates=(
            time_column(_("Ordered"), "ordered_at"),
            time_column(_("Latest payment deadline"), "payment_deadline"),
        ),
        picker_amount=_("Unpaid amount"),
        missing_notice=_("No longer unpaid, so removed from the selection:"),
        empty_title=_("No unpaid orders in this period"),
        empty_help=_(
            "Orders are removed from this list when they are paid or reach their payment deadline, usually seven days "
            "after ordering."
        ),
        confirm_dates=time_column(_("Payment deadline"), "payment_deadline"),
        amount=_("Payable amount"),
        confirm_note=_("Discounts may expire if you do not pay in time. Pay the amount shown on the order."),
    ),
    document=DocumentType(
        title=("Payment Request Contract", "请款合同"),
        period_head="deadline",
        period=print_deadline,
        amount_head="payable",
        service_in_details=True,
        validity=print_validity,
    ),
    clauses=CLAUSES,
)
