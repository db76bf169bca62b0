"""Where a customer sends money (R13), and whose the money is that arrives there."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from billing.errors import Refused
from billing.models import Account, Issuer, RemittanceAccount


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


def accounts_of(numbers: Collection[str]) -> dict[str, list[Account]]:
    """Remittance account number without spaces → whose it is: one account, or for want of care several, or none."""
    without_spaces = Replace(F("account_number"), Value(" "), Value(""))
    found = RemittanceAccount.objects.annotate(bare=without_spaces).filter(bare__in=set(numbers) - {""})
    accounts: dict[str, list[Account]] = defaultdict(list)
    for row in found.select_related("account"):
        accounts[row.bare].append(row.account)
    return accounts


def account_named(text: str) -> Account:
    """The account with this number or this exclusive remittance account number, whole; spaces do not matter.

    Raises Refused `invalid` at /account where it is none's, or the number of several.
    """
    bare = "".join(text.split())
    found = {account.pk: account for account in (*Account.objects.filter(number=bare), *accounts_of([bare])[bare])}
    if len(found) != 1:
        sentence = (
            _("Several accounts have this number: correct their remittance accounts first.")
            if found
            else _("No account has this number, and none has it as its remittance account.")
        )
        raise Refused("invalid", sentence, pointer="/account")
    return next(iter(found.values()))
