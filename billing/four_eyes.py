"""Acts about money that one staff member proposes and another confirms (R45)."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy, gettext_noop

from accounts import four_eyes
from accounts.access.actors import Actor
from accounts.four_eyes import Act, register_act
from accounts.models import Account, Proposal
from billing.models import LedgerEntry, RemittanceAccount
from billing.remittance_accounts import set_remittance_account
from billing.remittances import book_remittance, is_reversed, needs_second_person, reverse_entry
from common.money import plain_amount

BOOK_PERMISSION = "billing.book_remittance"
DETAILS = ("payee", "bank", "account_number")
LABELS = {
    "payee": gettext_noop("Payee"),
    "bank": gettext_noop("Bank"),
    "account_number": gettext_noop("Remittance account number"),
}


def _get_details(account_id: str) -> dict[str, str]:
    stored = RemittanceAccount.objects.filter(account_id=int(account_id)).values(*DETAILS).first()
    return dict(stored) if stored else {}


def _perform_details(proposal: Proposal, by: Actor) -> object:
    return set_remittance_account(account=proposal.own_account, **proposal.values, by=by)


def _perform_booking(proposal: Proposal, by: Actor) -> object:
    values: dict[str, Any] = dict(proposal.values)
    received_on = values.pop("received_on")
    return book_remittance(
        account=proposal.own_account,
        amount=Decimal(values.pop("amount")),
        received_on=date.fromisoformat(received_on) if received_on else None,
        **values,
        by=by,
    )


def _perform_reversal(proposal: Proposal, by: Actor) -> object:
    return reverse_entry(entry=LedgerEntry.objects.get(pk=proposal.subject), **proposal.values, by=by)


REMITTANCE_ACCOUNT = register_act(
    Act(
        name="remittance_account",
        label=gettext_lazy("Exclusive remittance account"),
        permission="billing.change_remittanceaccount",
        get_state=_get_details,
        perform=_perform_details,
    )
)
BOOKING = register_act(
    Act(
        name="booking",
        label=gettext_lazy("Book a remittance"),
        permission=BOOK_PERMISSION,
        get_state=lambda _reference: "",  # booking checks whether the reference is booked
        perform=_perform_booking,
    )
)
REVERSAL = register_act(
    Act(
        name="reversal",
        label=gettext_lazy("Reverse a remittance"),
        permission=BOOK_PERMISSION,
        get_state=lambda pk: is_reversed(LedgerEntry.objects.select_related("reversed_by").get(pk=pk)),
        perform=_perform_reversal,
    )
)


def propose_remittance_account(*, account: Account, values: dict[str, str], by: Actor) -> Proposal:
    """Propose the account's exclusive remittance account. `values`: payee, bank and account_number."""
    before = _get_details(str(account.pk))
    changes = [
        (LABELS[name], before.get(name, ""), value) for name, value in values.items() if before.get(name) != value
    ]
    return four_eyes.propose(
        REMITTANCE_ACCOUNT, subject=str(account.pk), account=account, values=values, changes=changes, by=by
    )


def propose_booking(*, entry: LedgerEntry, currency: str, by: Actor) -> Proposal | None:
    """Propose to book this unsaved entry; None if one person may book it."""
    if not needs_second_person(entry.amount):
        return None
    received_on = entry.received_on.isoformat() if entry.received_on else None
    amount = plain_amount(entry.amount, currency)
    values = {
        "amount": amount,
        "currency": currency,
        "bank_reference": entry.bank_reference,
        "received_on": received_on,
        "note": entry.note,
    }
    changes = [
        (gettext_noop("Amount"), "", f"{currency} {amount}"),
        (gettext_noop("Bank reference"), "", entry.bank_reference),
        (gettext_noop("Received on"), "", received_on or ""),
        (gettext_noop("Note"), "", entry.note),
    ]
    return four_eyes.propose(
        BOOKING, subject=entry.bank_reference, account=entry.account, values=values, changes=changes, by=by
    )


def propose_reversal(entry: LedgerEntry, by: Actor, given: dict[str, Any]) -> Proposal | None:
    """Propose to reverse the entry; None if one person may reverse it."""
    if not needs_second_person(entry.amount):
        return None
    amount = plain_amount(entry.amount, entry.account.currency)
    changes = [
        (gettext_noop("Amount"), f"{entry.account.currency} {amount}", f"{entry.account.currency} -{amount}"),
        (gettext_noop("Bank reference"), entry.bank_reference, entry.bank_reference),
        (gettext_noop("Reason for the reversal"), "", given["note"]),
    ]
    return four_eyes.propose(
        REVERSAL, subject=str(entry.pk), account=entry.account, values={"note": given["note"]}, changes=changes, by=by
    )
