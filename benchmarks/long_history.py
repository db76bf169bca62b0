"""The rows of a company that has sold for years, made by PostgreSQL itself: as many contracts as are asked for, three
times as many orders, and the members, lines, tickets, audit events, ledger entries and emails that go with them.

    DATABASE_URL=postgres://… .venv/bin/python -m benchmarks.long_history [contracts]

fills an empty, migrated database: 1,000,000 contracts and 3,000,000 orders in minutes. A contract is applied for every
95 seconds, so that a longer history is older and not busier: 10,000 contracts are eleven days, 1,000,000 three years.
What waits for staff is the same in both. The audit trails are whole, hash by hash; documents are registered and there
are no files, so nothing of these contracts can be previewed, converted or downloaded. The trails have no hashes of
contract.json.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.apps import apps  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.utils import CursorWrapper  # noqa: E402

from benchmarks.long_history_rows import COMMON, ROWS  # noqa: E402
from contracts.models.search import fold  # noqa: E402
from tests.factories import IssuerFactory  # noqa: E402

MANY = 1_000_000
CONTRACTS_AN_ACCOUNT = 25
"""On average. Few accounts have most of them: the largest has one in 30."""
WAITING = 100
"""Number of open void tickets, certification requests, emails to be sent, and emails given up, each."""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE NOT indisunique AND relname ~ '^(billing|orders|contracts)_'
"""


@contextmanager
def loading() -> Iterator[CursorWrapper]:
    """A cursor for a superuser of PostgreSQL to write many rows with; references are not checked, and must be right."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # references need no trigger each
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")  # made at the end, all at once
        yield cursor
        for _name, definition in indexes:
            cursor.execute(definition)
        for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(sql)
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM (ANALYZE)")


def write_history(contracts: int, accounts: int = 0) -> None:
    """Into the empty, migrated database of `connection`; user 1 is there and of staff.

    Of as many accounts as have CONTRACTS_AN_ACCOUNT each, unless told otherwise.
    """
    words = {"party": "北京云杉数据技术有限公司 Spruce Data", "product": "云服务器 Elastic Compute"}
    facts: dict[str, object] = {name: f"'{fold(text)}'" for name, text in words.items()}
    facts |= {"count": contracts, "accounts": accounts or contracts // CONTRACTS_AN_ACCOUNT, "waiting": WAITING}
    IssuerFactory()
    with loading() as cursor:
        cursor.execute(COMMON.format(**facts))
        for sql in ROWS.values():
            cursor.execute(sql.format(**facts))
        cursor.execute("DISCARD TEMPORARY")


def main() -> None:
    count = int(sys.argv[1]) if sys.argv[1:] else MANY
    started = time.perf_counter()
    get_user_model().objects.create_superuser("root")
    write_history(count)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), pg_database_size(current_database()) / 1e9 FROM orders_order")
        orders, size = cursor.fetchone()
    print(f"{count:,} contracts, {orders:,} orders: {time.perf_counter() - started:.0f} s, {size:.1f} GB")


if __name__ == "__main__":
    main()
