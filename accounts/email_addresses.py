"""Validate email addresses that people type."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from common.errors import Refused
from common.normal_forms import normalise_line

MAX_EMAIL_LENGTH = 254


def is_email_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= MAX_EMAIL_LENGTH


def read_email_address(text: str, *, pointer: str) -> str:
    """Return the address on one line. Raises Refused `invalid` at `pointer`."""
    address = normalise_line(text)
    if not is_email_address(address):
        detail = _("%(address)s is not a valid email address.") % {"address": address[:80]}
        raise Refused("invalid", detail if address else _("Enter an email address."), pointer=pointer)
    return address
