"""Addresses of the picker, and what its page shows."""

import re

ORDER = "/contracts/apply/order/"
REQUEST = "/contracts/apply/payment-request/"


def rows(answer) -> list[str]:
    """The order numbers of the table, from the top."""
    return re.findall(r'name="shown" value="(\w+)"', answer.text)


def checked(answer) -> list[str]:
    return re.findall(r'value="(\w+)"[^>]* checked', answer.text)
