"""Addresses that official contracts are sent to: the account's contact, and its CC addresses."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.email_addresses import is_email_address
from accounts.models import Account, PartyProfile
from common.errors import Fault, Refused
from common.normal_forms import normalise_line

MAX_CC_EMAILS = 5


def validate_cc_emails(addresses: Iterable[str], *, pointer: str = "/cc_emails") -> list[str]:
    """Return the addresses without repeats and empty ones.

    Raises Refused `invalid` with a fault for each invalid address, or for more than MAX_CC_EMAILS.
    """
    faults: list[Fault] = []
    valid: dict[str, str] = {}
    for i, address in enumerate(addresses):
        if not (text := normalise_line(address)):
            continue
        if not is_email_address(text):
            detail = _("%(address)s is not a valid email address.") % {"address": text[:80]}
            faults.append(Fault("invalid", detail, f"{pointer}/{i}"))
        valid.setdefault(text.casefold(), text)
    if faults:
        raise Refused.because(faults)
    if len(valid) > MAX_CC_EMAILS:
        detail = _("At most %(most)d addresses; these are %(count)d.")
        raise Refused("invalid", detail % {"most": MAX_CC_EMAILS, "count": len(valid)}, pointer=pointer)
    return [*valid.values()]


def get_delivery_addresses(account: Account) -> list[str]:
    """Return the addresses without repeats, the contact's first. The contact has none before the first contract."""
    contact = PartyProfile.objects.filter(account=account).values_list("email", flat=True).first()
    addresses: dict[str, str] = {}
    for address in filter(None, [contact, *account.cc_emails]):
        addresses.setdefault(address.casefold(), address)
    return [*addresses.values()]
