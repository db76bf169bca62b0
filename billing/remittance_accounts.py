"""Where a customer sends money (R13), and whose the money is that arrives there."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Issuer
from billing.models import RemittanceAccount
from common.errors import Refused
from common.normal_forms import normalise_identifier


def remittance_of(account: Account, issuer: Issuer) -> dict[str, Any]:
    """The account's exclusive remittance account; where it has none, the issuer's general one (R13)."""
    own = getattr(account, "remittance_account", None)
    if own is not None:
        return {"payee": own.payee, "bank": own.bank, "account_number": own.account_number, "exclusive": True}
    return {
        "payee": issuer.payee,
        "bank": issuer.payee_bank,
        "account_number": issuer.payee_account,
        "exclusive": False,
    }


def accounts_of(numbers: Collection[str]) -> dict[str, Account]:
    """Remittance account number, normalised → the account it is reserved for."""
    rows = RemittanceAccount.objects.filter(account_number__in=set(numbers) - {""}).select_related("account")
    return {row.account_number: row.account for row in rows}


def account_named(text: str) -> Account:
    """Return the account with this number or exclusive remittance account number; spaces and dashes are ignored.

    Raises Refused `invalid` at /account where there is none, and where one account has it as each of the two.
    """
    number = normalise_identifier(text)
    reserved = accounts_of([number]).values()
    found = {account.pk: account for account in (*Account.objects.numbered(text), *reserved)}
    if len(found) != 1:
        sentence = (
            _("Several accounts have this number: correct their remittance accounts first.")
            if found
            else _("No account has this number, and none has it as its remittance account.")
        )
        raise Refused("invalid", sentence, pointer="/account")
    return next(iter(found.values()))
