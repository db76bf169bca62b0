"""Contradictions between facts of an order, of which the row or the stored order may state some."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from common.errors import Fault
from common.money import is_exact, minor_units, plain_amount, plain_percent, quantise
from orders.models import MAX_PAYMENT_TERM


def find_tax_fault(payable: Decimal, *, rate: Decimal | None, tax: Decimal | None, currency: str) -> Fault | None:
    """Return a fault unless net + tax = payable, to the minor unit of `currency` (R35).

    Amounts include tax. Rounding is the order system's, so the tax may be the exact one rounded up or down.
    """
    if rate is None and tax is None:
        return None
    if rate is None or tax is None:
        detail = _("Give both the tax rate and the tax amount, or neither.")
        return Fault("invalid", detail, "/tax_rate" if rate is None else "/tax_amount")
    exact = payable * rate / (100 + rate)
    if is_exact(tax, currency) and abs(tax - exact) < Decimal(1).scaleb(-minor_units(currency)):
        return None
    values = {
        "tax": plain_amount(tax, currency),
        "rate": plain_percent(rate),
        "payable": plain_amount(payable, currency),
        "expected": plain_amount(quantise(exact, currency), currency),
    }
    sentence = _(
        "%(tax)s is not %(rate)s%% tax in %(payable)s: expected %(expected)s. The payable amount includes tax."
    )
    return Fault("invalid", sentence % values, "/tax_amount")


def find_deadline_fault(ordered_at: datetime, stated: datetime | None) -> Fault | None:
    """Return a fault unless a stated payment deadline is after the order time, by MAX_PAYMENT_TERM at most (R10)."""
    if stated is None or ordered_at < stated <= ordered_at + MAX_PAYMENT_TERM:
        return None
    sentence = _("The payment deadline must be after the order time, at most %(days)d days.")
    return Fault("invalid", sentence % {"days": MAX_PAYMENT_TERM.days}, "/payment_deadline")
