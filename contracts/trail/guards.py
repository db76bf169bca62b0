"""Database triggers that refuse edits and deletions of permanent rows: contracts (R23), events (R27), the ledger.

Both PostgreSQL and SQLite have them (guard_triggers.py). They are installed after every `migrate` and not by a single
migration, because SQLite rebuilds a table to alter it and silently drops its triggers. verify_archive compares what is
installed with what should be, by definition and not by name (R38).
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps as installed
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from contracts.trail.guard_triggers import (
    GuardedTable,
    Key,
    Unique,
    create_functions,
    installed_triggers,
    is_equivalent,
    wanted_triggers,
)

GUARDED_TABLES = (
    GuardedTable(
        "ledgerentry",
        key=("id",),
        also_unique=(
            Unique(("reverses_id",)),
            Unique(("bank_reference", "booking"), where="{row}.bank_reference <> '' AND {row}.reverses_id IS NULL"),
            Unique(("order_number",), where="{row}.order_number <> '' AND {row}.reverses_id IS NULL"),
        ),
        app="billing",
    ),
    GuardedTable("auditevent", key=("contract_id", "position")),
    GuardedTable("trailseal", key=("day",), also_unique=(Unique(("number",)),)),
    GuardedTable("evidencestamp", key=("number",)),
    GuardedTable("sealkey", key=("fingerprint",)),
    GuardedTable("sealuse"),
    GuardedTable("contractdocument", key=("contract_id", "kind")),
    GuardedTable(
        "contractorder",
        key=("contract_id", "order_id"),
        also_unique=(Unique(("order_id",), where="{row}.released_at IS NULL"),),
        columns=("id", "contract_id", "order_id", "snapshot"),
    ),
    GuardedTable(
        "contract",
        key=("number",),
        also_unique=(Unique(("verification_code",)),),
        columns=(
            *("id", "number", "verification_code", "account_id", "type", "language", "is_test"),
            *("currency", "total_amount", "order_count", "order_numbers", "po_number", "time_zone", "verification_url"),
            *("party_a", "party_b", "remittance_account", "issuer_version_id", "clause_version_id"),
        ),
    ),
    GuardedTable(  # a test account's contracts are test contracts, and no others (R48)
        "contract",
        key=("number",),
        columns=("account_id", "is_test"),
        parent="EXISTS (SELECT 1 FROM accounts_account WHERE id = {row}.account_id AND is_test <> {row}.is_test)",
        parent_function="contracts_refuse_other_than_account",
    ),
    GuardedTable(  # an account with contracts stays what it is (R48)
        "account",
        key=("number",),
        app="accounts",
        columns=("is_test",),
        parent="EXISTS (SELECT 1 FROM contracts_contract WHERE account_id = {row}.id)",
        parent_function="contracts_refuse_account_with_contracts",
    ),
    GuardedTable(
        "voidticket",
        also_unique=(Unique(("contract_id",), where="{row}.status = 'open'"),),
        columns=("id", "contract_id", "reason", "opened_by_id", "opened_at"),
    ),
    GuardedTable("voidticket", once="{row}.decided_at IS NOT NULL"),
    GuardedTable(
        "approval",
        also_unique=(Unique(("contract_id",), where="{row}.status = 'requested'"),),
        columns=("id", "contract_id", "draft_sha256", "message", "requested_by_id", "requested_at"),
    ),
    GuardedTable("approval", once="{row}.decided_at IS NOT NULL"),
    GuardedTable("clauseversion", key=("type", "version"), once="{row}.published_at IS NOT NULL"),
    GuardedTable(
        "clause",
        parent="EXISTS (SELECT 1 FROM contracts_clauseversion"
        " WHERE id = {row}.version_id AND published_at IS NOT NULL)",
        parent_function="contracts_refuse_published",
    ),
    GuardedTable("issuer", key=("version",), app="accounts", once="{row}.published_at IS NOT NULL"),
    GuardedTable(
        "certificationrequest",
        app="accounts",
        once="{row}.decided_at IS NOT NULL",
        columns=(  # without the name and the scan, which are personal data
            *("id", "account_id", "kind", "credit_code", "status", "note"),
            *("requested_by_id", "requested_at", "decided_by_id", "decided_at", "is_verified_elsewhere"),
        ),
    ),
)


def guard_defects(using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield a sentence for each guard that is missing, disabled or replaced, and for each unknown trigger."""
    connection = connections[using]
    present, wanted = installed_triggers(connection), _wanted(connection)
    for (name, table), statement in sorted(wanted.items()):
        trigger = present.pop((name, table), None)
        if trigger is None:
            yield _("The trigger %(name)s is missing: run manage.py migrate.") % {"name": name}
        elif not trigger.is_enabled:
            yield _("The trigger %(name)s is disabled: run manage.py migrate.") % {"name": name}
        elif not is_equivalent(trigger, statement):
            yield _("The trigger %(name)s was replaced by another one: run manage.py migrate.") % {"name": name}
    guarded = {table.table for table in GUARDED_TABLES}
    for name, table in sorted(present):
        if table in guarded:
            yield _("The trigger %(name)s on %(table)s is not ours: find out what it does, and drop it.") % {
                "name": name,
                "table": table,
            }
    yield from _sessions_without_triggers(connection)


def _sessions_without_triggers(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield a sentence if sessions are set up as replicas, in which PostgreSQL fires no trigger."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'session_replication_role'")
        [role] = cursor.fetchone()
    if role != "origin":
        yield _("Triggers do not fire, because session_replication_role is %(role)s: reset it.") % {"role": role}


def install_guards(*, apps: Any = installed, using: str = DEFAULT_DB_ALIAS, **_options: object) -> None:
    """Install missing triggers, and replace those that are disabled, outdated or changed.

    Handler of Django's `post_migrate`; `apps` are the models as migrated so far.
    """
    connection = connections[using]
    wanted = _wanted(connection, apps)
    with connection.cursor() as cursor:
        for statement in create_functions(connection):
            cursor.execute(statement)
        present = installed_triggers(connection)
        sound = {
            key
            for key, statement in wanted.items()
            if key in present and present[key].is_enabled and is_equivalent(present[key], statement)
        }
        names, tables = ({key[part] for key in wanted} for part in (0, 1))
        for name, table in present.keys() - sound:
            if name in names or (name.startswith("permanent_") and table in tables):
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {name}{where}")
        for key in wanted.keys() - sound:
            cursor.execute(wanted[key])


def _wanted(connection: BaseDatabaseWrapper, apps: Any = installed) -> dict[Key, str]:
    """Return the CREATE TRIGGER statements of the tables that exist."""
    return {
        key: statement
        for guarded in GUARDED_TABLES
        if _has_columns(apps, guarded)
        for key, statement in wanted_triggers(connection, guarded).items()
    }


def _has_columns(apps: Any, guarded: GuardedTable) -> bool:
    """Return True if the table has all the guarded columns at this point of the migrations."""
    try:
        fields = apps.get_model(guarded.app, guarded.model)._meta.concrete_fields
    except LookupError:
        return False
    return {*guarded.columns, *guarded.key} <= {field.column for field in fields}
