"""Order numbers: which are accepted, and how they stand in addresses."""

import re

from django.db.models import Value
from django.db.models.functions import Replace, Upper
from django.urls import register_converter
from django.utils.translation import gettext as _

LETTERS = "A-Za-z0-9#\u3400-\u4dbf\u4e00-\u9fff"
"""ASCII and Chinese alone: letters of other scripts have cases that databases treat differently."""
NUMBER = re.compile(f"[{LETTERS}][{LETTERS}._/-]*")
RESERVED = frozenset({"import", "pay", "cancel", "balance"})
"""Words that follow an order number, or stand in its place, in addresses of pages and of the API."""
NUMBER_KEY = Upper(Replace("number", Value("-"), Value("")))
"""What order numbers are searched by: equal to `normalise_identifier` of an accepted number."""


def wrong_number(number: str) -> str:
    """Return what is wrong with a normalised order number, as a sentence about it; empty if it is accepted."""
    if not NUMBER.fullmatch(number):
        return _(
            "%(text)s may hold only letters A–Z, Chinese characters, digits and . _ - / #, and begins with a letter, a"
            " Chinese character, a digit or #."
        )
    parts = number.split("/")
    if not all(part.strip(".") for part in parts):
        return _("%(text)s has an empty part before, between or after slashes.")
    if RESERVED & {part.lower() for part in parts}:
        return _("%(text)s holds a word that has a meaning in addresses: import, pay, cancel and balance.")
    return ""


class OrderNumberConverter:
    """An order number in an address, as typed. It may hold slashes, so longer addresses come first in the list."""

    regex = ".+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(OrderNumberConverter, "order_number")  # here, as pages and API both use it
