"""Template filters for amounts, formatted as in documents."""

from decimal import Decimal

from django import template

from common import money

register = template.Library()


@register.filter
def figure(amount: Decimal, currency: str) -> str:
    """`{{ order.payable_amount|figure:order.currency }}`: "1,234.50"."""
    return money.format_figure(amount, currency)


@register.filter
def amount(value: Decimal, currency: str) -> str:
    """`{{ order.payable_amount|amount:order.currency }}`: "CNY 1,234.50"."""
    return money.format_amount(value, currency)


@register.filter
def percent(rate: Decimal) -> str:
    """`{{ order.tax_rate|percent }}`: "13%"."""
    return f"{money.plain_percent(rate)}%"
