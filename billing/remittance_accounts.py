"""Remittance accounts: where a customer pays, and which account a payment belongs to (R13)."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Account, Issuer
from billing.models import RemittanceAccount
from common.errors import Fault, Refused
from common.normal_forms import normalise_identifier
from common.transactions import in_transaction


def get_remittance_details(account: Account, issuer: Issuer) -> dict[str, Any]:
    """Return the account's exclusive remittance account, or the issuer's general bank account if it has none (R13)."""
    exclusive = getattr(account, "remittance_account", None)
    if exclusive is not None:
        return {
            "payee": exclusive.payee,
            "bank": exclusive.bank,
            "account_number": exclusive.account_number,
            "exclusive": True,
        }
    return {
        "payee": issuer.payee,
        "bank": issuer.payee_bank,
        "account_number": issuer.payee_account,
        "exclusive": False,
    }


@in_transaction
def set_remittance_account(
    *, account: Account, payee: str, bank: str, account_number: str, by: Actor
) -> RemittanceAccount:
    """Set the account's exclusive remittance account. Contracts drafted before keep theirs (R23).

    Raises Refused: `permission_denied`, also for a conflict of interest and without four eyes (R45); `invalid` with a
    fault for each field, also for a number that is reserved for another account.
    """
    by.require_to_act()
    by.require_no_conflict(account_id=account.pk)
    by.require_second_person()
    account = Account.objects.select_for_update().get(pk=account.pk)
    details = RemittanceAccount.objects.filter(account=account).first() or RemittanceAccount(account=account)
    details.payee, details.bank, details.account_number = payee, bank, account_number
    try:
        details.full_clean()
    except ValidationError as error:
        faults = [Fault("invalid", " ".join(texts), f"/{name}") for name, texts in error.message_dict.items()]
        raise Refused.because(faults) from error
    details.save()
    return details


def find_accounts_by_remittance_number(numbers: Collection[str]) -> dict[str, Account]:
    """Return normalised remittance account number → account."""
    rows = RemittanceAccount.objects.filter(account_number__in=set(numbers) - {""}).select_related("account")
    return {row.account_number: row.account for row in rows}


def get_account_by_number(text: str) -> Account:
    """Return the account with this number or exclusive remittance account number, ignoring spaces and dashes.

    Raises Refused `invalid` at /account if no account matches, or if two accounts do.
    """
    number = normalise_identifier(text)
    reserved = find_accounts_by_remittance_number([number]).values()
    matches = {account.pk: account for account in (*Account.objects.numbered(text), *reserved)}
    if len(matches) != 1:
        sentence = (
            _("Several accounts have this number. Correct their remittance accounts first.")
            if matches
            else _("No account has this account number or remittance account number.")
        )
        raise Refused("invalid", sentence, pointer="/account")
    return next(iter(matches.values()))
