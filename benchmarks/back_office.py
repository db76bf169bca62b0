"""The lists of the back office over 1,000,000 contracts, against the same lists over 10,000.

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.back_office [contracts]

Works in two databases of its own, which PostgreSQL fills in two to four minutes. Prints for each page the medians of
runs that take turns, in ms; the ratio of the fastest runs, since others on the machine only add to them, to the budget
of 1.3; the statements, the slowest of them in ms, and the tables of which any of them reads more than a list needs.
"""

import os
import sys
from collections.abc import Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.histories import FEW, MANY, History, compare, databases  # noqa: E402

GROWING = {
    "contract status=draft": "orders of all accounts that ended within a week are looked at",
    "contract status=official": "the same",
    "contract status=invalid": "the same",
    "contract status=draft&type__exact=payment_request": "the same",
    "contract q={largest}&status=draft": "the same",
    "auditevent kind__exact=invalidated&source__exact=clock": "an index of kinds, of which few are not the clock's",
    "certificationrequest status=rejected": "no index, of a few thousand rows",
    "contract attention=flagged": "contracts over refunded orders stay flagged, one in a hundred",
    "contract attention=flagged&status=official": "the same",
    "contract q={largest}&attention=flagged": "the same",
    "voidticket q={largest}&status=all": "tickets are found by their contracts, and the largest account has 30,000",
    "contract q=nothing": "the search ends among the names of accounts, and part of a name has no index",
    "contract q={name}": "the same",
    "order q={name}": "the same",
    "largest customer": "counts and balance of one account, which grow with it up to 10,000 rows",
    "account q=Spruce": "part of a name has no index",
    "account q=nobody": "part of a name has no index",
    "home": "flagged contracts, and sums of twelve months, which are kept for an hour and here are not",
}
"""Pages that take longer with a longer history, and why: these have a time of their own to stay within."""
LISTS = {
    "contracts/contract": [
        *("", "p=2", "p=200", "status=draft", "status=official", "status=voided", "status=invalid"),
        *("type__exact=order", "type__exact=payment_request", "status=draft&type__exact=payment_request"),
        *("attention=flagged", "attention=ending", "attention=flagged&status=official"),
        *("q={contract}", "q={order}", "q={account}", "q={largest}", "q={code}", "q=nothing"),
        *("q={largest}&status=draft", "q={largest}&attention=flagged", "o=6", "o=-6"),
        *("since={day}&until={day}", "since={day}&until={day}&status=voided", "q={account}&since={day}", "q={name}"),
    ],
    "contracts/voidticket": [
        *("", "status=all", "status=approved", "status=rejected", "status=lapsed", "p=2&status=all"),
        *("q={asked}", "q={asked}&status=all", "q={largest}&status=all"),
    ],
    "orders/order": [
        *("", "p=2", "p=200", "status=unpaid", "status=paid", "status=cancelled", "status=refunded"),
        *("q={order}", "q={account}", "q={largest}", "since={day}&until={day}", "q={name}"),
    ],
    "billing/ledgerentry": [
        *("", "p=2", "kind=remittance", "kind=order_payment", "kind=counter_entry"),
        *("q={account}", "q={largest}", "q=CMB-{bank}", "since={day}&until={day}"),
    ],
    "accounts/certificationrequest": ["", "status=all", "status=rejected", "q={account}&status=all"],
    "contracts/auditevent": [
        *("", "p=2", "kind__exact=ticket_rejected", "kind__exact=drafted", "source__exact=api"),
        *("kind__exact=invalidated&source__exact=clock", "q={contract}"),
    ],
    "contracts/contractdocument": [
        "",
        "p=2",
        "kind__exact=draft",
        "kind__exact=void_certificate",
        "q={contract}",
        "q={sha}",
    ],
    "emails/notice": ["", "p=2", "state__exact=failed", "state__exact=pending", "q={account}", "q={buyer}"],
    "accounts/account": ["", "p=2", "certification__exact=none", "q={account}", "q=Spruce", "q=nobody"],
    "billing/remittanceaccount": ["", "q={account}"],
    "orders/product": [""],
}


class Office(History):
    """A superuser of Finance is at its door."""

    def __init__(self, name: str, contracts: int) -> None:
        super().__init__(name, contracts)
        with self.open():
            user = get_user_model().objects.get(username="root")
            user.groups.add(Group.objects.get(name="Finance"))
            self.client.force_login(user)
            self.terms = self._terms(contracts // 2)

    def _terms(self, contract: int) -> dict[str, str]:
        """What people search for, of contracts in the middle of the history."""
        number, code, sha, day = self.row(
            "SELECT number, verification_code, sha256, applied_at::date FROM contracts_contract AS contract"
            " JOIN contracts_contractdocument AS document ON contract_id = contract.id WHERE contract.id = %s",
            contract,
        )
        [asked] = self.row(
            "SELECT number FROM contracts_contract WHERE id = (SELECT max(contract_id) FROM contracts_voidticket)"
        )
        [account] = self.row(
            "SELECT account_id FROM contracts_contract GROUP BY 1 HAVING count(*) > 60 ORDER BY count(*), 1 LIMIT 1"
        )
        [name] = self.row("SELECT certified_name FROM accounts_account WHERE id = %s", account)
        return {
            "contract": number,
            "day": f"{day:%Y-%m-%d}",
            "name": name,
            "id": f"{account}",
            "code": code,
            "account": f"{30000000 + account}",
            "buyer": f"buyer{account}",
            "largest": "30000001",
            "order": f"FO{contract * 3}",
            "bank": str(contract // 8 * 8),
            "sha": sha,
            "asked": asked,
        }


def pages() -> Iterator[tuple[str, str]]:
    """What is measured, and its address with terms to fill in."""
    for path, queries in LISTS.items():
        for query in queries:
            yield f"{path.split('/')[1]} {query}", f"/admin/{path}/?{query}"
    yield "customer", "/admin/accounts/account/{id}/customer/"
    yield "largest customer", "/admin/accounts/account/1/customer/"
    yield "home", "/admin/"


def main() -> int:
    if connection.vendor != "postgresql":
        print("Skipped: PostgreSQL makes the rows. Set DATABASE_URL.")
        return 0
    counts = {"few": FEW, "many": int(sys.argv[1]) if sys.argv[1:] else MANY}
    with databases(counts) as made:
        few, many = (Office(made[name], count) for name, count in counts.items())
        return 0 if compare(few, many, pages(), growing=GROWING) else 1


if __name__ == "__main__":
    if main():
        sys.exit(1)
