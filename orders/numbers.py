"""Valid order numbers, and their form in URLs."""

import re

from django.db.models import Value
from django.db.models.functions import Replace, Upper
from django.urls import register_converter
from django.utils.translation import gettext as _

LETTERS = "A-Za-z0-9#\u3400-\u4dbf\u4e00-\u9fff"
"""Only ASCII and Chinese: databases differ in the upper case of other scripts."""
NUMBER = re.compile(f"[{LETTERS}][{LETTERS}._/-]*")
RESERVED_WORDS = frozenset({"import", "pay", "cancel", "balance"})
"""Path segments that follow or replace an order number in URLs of pages and the API."""
NUMBER_KEY = Upper(Replace("number", Value("-"), Value("")))
"""Search key of an order number. For a valid number it equals `normalise_identifier(number)`."""


def describe_number_fault(number: str) -> str:
    """Return an error message with `%(text)s` for an invalid order number (normalised); empty if it is valid."""
    if not NUMBER.fullmatch(number):
        return _(
            "%(text)s must consist of letters A–Z, Chinese characters, digits and . _ - / #, and begin with a letter, a"
            " Chinese character, a digit or #."
        )
    parts = number.split("/")
    if not all(part.strip(".") for part in parts):
        return _("%(text)s has an empty part before, between or after slashes.")
    if RESERVED_WORDS & {part.lower() for part in parts}:
        return _("%(text)s contains a reserved word: import, pay, cancel or balance.")
    return ""


class OrderNumberConverter:
    """URL converter for order numbers. They may contain slashes, so list longer URL patterns first."""

    regex = ".+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(OrderNumberConverter, "order_number")  # registered here because pages and API use it
