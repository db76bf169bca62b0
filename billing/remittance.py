"""Where a customer sends money (R13)."""

from typing import Any

from billing.models import Account, Issuer


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
