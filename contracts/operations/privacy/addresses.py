"""Erase email addresses that contracts are sent to. They may be of people without a user."""

from accounts.models import Account, Invitation
from common.transactions import in_transaction
from contracts.models import Delivery
from emails.models import Notice


@in_transaction
def erase_address(address: str) -> dict[str, int]:
    """Erase the address from CC lists, invitations, deliveries and emails. Return the numbers by kind."""
    if not address:  # users without an address
        return {"cc_addresses": 0, "invitations": 0, "deliveries": 0, "emails_to_address": 0}
    invitations, _rows = Invitation.objects.filter(email__iexact=address).delete()
    emails, _rows = Notice.objects.filter(address__iexact=address).delete()
    return {
        "cc_addresses": _remove_from_cc_lists(address),
        "invitations": invitations,
        "deliveries": Delivery.objects.filter(address__iexact=address).update(address=""),
        "emails_to_address": emails,
    }


def _remove_from_cc_lists(address: str) -> int:
    done = 0
    for account in Account.objects.select_for_update().exclude(cc_emails=[]).order_by("pk"):
        kept = [one for one in account.cc_emails if one.casefold() != address.casefold()]
        if kept != account.cc_emails:
            account.cc_emails = kept
            account.save(update_fields=["cc_emails"])
            done += 1
    return done


def erase_account_addresses(account: Account) -> None:
    """Erase the addresses that an account invited or had its contracts sent to, and stop its sending."""
    account.invitations.all().delete()
    account.cc_emails, account.deliver_by_email = [], False
    account.save(update_fields=["cc_emails", "deliver_by_email"])
    Notice.objects.filter(reference=account.number, user=None).delete()
    Delivery.objects.filter(contract__account=account).update(address="")
