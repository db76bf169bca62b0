"""Money on a customer's page: ledger with balance, exclusive remittance account."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.admin.customer import MAX_SECTION_ROWS, CustomerSection, count_rows, register_section
from accounts.models import Account
from billing.ledger import get_balance, get_ledger_page
from billing.models import LedgerEntry, RemittanceAccount


def _load_ledger(account: Account, now: datetime) -> dict[str, Any]:
    balance = get_balance(account)
    latest = get_ledger_page(account, None, balance=balance, size=MAX_SECTION_ROWS)
    return {
        "balance": balance,
        "rows": latest.rows,
        "count": count_rows(LedgerEntry.objects.filter(account=account)),
    }


def _load_remittance_account(account: Account, now: datetime) -> dict[str, Any]:
    return {"exclusive": RemittanceAccount.objects.filter(account=account).first()}


register_section(
    CustomerSection(
        model=LedgerEntry,
        title=_("Ledger"),
        template="admin/billing/_customer_ledger.html",
        load=_load_ledger,
        position=40,
        leaves_out_tests=True,
    )
)
register_section(
    CustomerSection(
        model=RemittanceAccount,
        title=_("Exclusive remittance account"),
        template="admin/billing/_customer_remittance_account.html",
        load=_load_remittance_account,
        position=10,
        query=None,
        aside=True,
    )
)
