"""Real-name certification: whose name stands for Party A (R11)."""

import re

from billing.errors import Refused
from billing.models import Account

COMPANY_NAME = re.compile(
    r"公司|集团|厂$|合伙|事务所|研究院|大学|\b(?:inc|ltd|llc|llp|plc|gmbh|corp|corporation|company|limited|co)\b\.?",
    re.IGNORECASE,
)


def is_company_name(name: str) -> bool:
    """Whether `name` is that of an organisation, which personal certification cannot carry (R11)."""
    return bool(COMPANY_NAME.search(name))


def require_certified_name(account: Account) -> str:
    """Party A's name for a new contract (R11).

    Raises Refused `account_not_certified` for an uncertified account, and for a company name on personal certification.
    """
    if account.certification == Account.Certification.NONE:
        raise Refused(
            "account_not_certified",
            "This account is not certified. Complete real-name certification on the account page, then apply again.",
        )
    if account.certification == Account.Certification.PERSONAL and is_company_name(account.certified_name):
        raise Refused(
            "account_not_certified",
            f"{account.certified_name} is a company's name. Complete enterprise certification first.",
        )
    return account.certified_name
