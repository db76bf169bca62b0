"""Events, files and what a contract says are not edited or deleted: by no statement, and by no program."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from billing.models import LedgerEntry
from contracts.models import AuditEvent, Contract, ContractDocument, ContractOrder
from contracts.services import edit_remarks, void_draft
from contracts.trail.guards import GUARDED_TABLES, missing_guards
from tests.billing.bookkeeping import book
from tests.factories import draft, official
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.rule("R23")]
CHANGES = {"status", "remarks", "official_at", "voided_at", "invalid_at", "void_reason", "reminded_at", "valid_from"}
"""Of a contract: what happens to it, and what its people note."""
TIMES = {"applied_at", "valid_until", "expires_at"}
"""Fixed when it is drafted too; they are held against the document and the trail, not by the database."""
TRAIL = "contracts_auditevent"
EVERYWHERE = [
    f"UPDATE {TRAIL} SET source = 'api'",
    f"UPDATE {TRAIL} SET data = data",
    f"UPDATE {TRAIL} SET at = CURRENT_TIMESTAMP, hash = previous WHERE position = 2",
    f"UPDATE {TRAIL} SET position = position + 100",
    f"DELETE FROM {TRAIL}",
    f"DELETE FROM {TRAIL} WHERE position = 2",
    f"INSERT INTO {TRAIL} SELECT * FROM {TRAIL} WHERE true ON CONFLICT (id) DO UPDATE SET kind = 'voided'",
    "UPDATE contracts_contractdocument SET sha256 = 'ab'",
    "UPDATE contracts_contractdocument SET size = size + 1, pages = 1 WHERE kind = 'official'",
    "DELETE FROM contracts_contractdocument WHERE kind = 'official'",
    "UPDATE contracts_contractorder SET snapshot = '{}'",
    "UPDATE contracts_contractorder SET order_id = order_id + 1",
    "DELETE FROM contracts_contractorder",
    "DELETE FROM contracts_contract",
    "UPDATE contracts_contract SET status = 'voided', number = 'EC2345'",
]
LEDGER = [
    "UPDATE billing_ledgerentry SET amount = amount + 1",
    "UPDATE billing_ledgerentry SET note = 'x', bank_reference = 'CMB-2'",
    "UPDATE billing_ledgerentry SET booked_at = CURRENT_TIMESTAMP",
    "DELETE FROM billing_ledgerentry",
]
POSTGRESQL = [
    f"TRUNCATE {TRAIL}",
    "TRUNCATE contracts_contract CASCADE",
    "TRUNCATE contracts_contractdocument, contracts_contractorder",
    f"WITH gone AS (DELETE FROM {TRAIL} RETURNING 1) SELECT count(*) FROM gone",
    f"MERGE INTO {TRAIL} USING {TRAIL} AS other ON {TRAIL}.id = other.id WHEN MATCHED THEN DELETE",
]
SQLITE = [
    f"REPLACE INTO {TRAIL} SELECT * FROM {TRAIL} WHERE position = 2",
    f"UPDATE OR REPLACE {TRAIL} SET position = 1 WHERE position = 2",
    "INSERT OR REPLACE INTO contracts_contractdocument SELECT * FROM contracts_contractdocument",
    "REPLACE INTO contracts_contract SELECT * FROM contracts_contract",
    "REPLACE INTO contracts_contractorder SELECT * FROM contracts_contractorder",
]


def statement(sql: str) -> Callable[[], object]:
    """By the driver itself, as any program that signs in as the application does."""
    return lambda: connection.connection.cursor().execute(sql)


def refused(call: Callable[[], object]) -> None:
    """The call fails, and it is a guard that refuses it."""
    before = rows()
    with pytest.raises((connection.Database.Error, IntegrityError), match="are kept"), transaction.atomic():
        call()
    assert rows() == before


def rows() -> list[list[dict]]:
    models = (AuditEvent, ContractDocument, ContractOrder, Contract)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("sql", EVERYWHERE)
def test_no_statement_changes_what_is_kept(actor, sql):
    official(actor, count=2)
    refused(statement(sql))


@pytest.mark.parametrize("sql", LEDGER)
def test_no_statement_changes_the_ledger(membership, sql):
    book(membership.account)
    with pytest.raises((connection.Database.Error, IntegrityError), match="are kept"), transaction.atomic():
        statement(sql)()
    assert LedgerEntry.objects.values_list("amount", "bank_reference", "note").get() == (Decimal("100.00"), "CMB-1", "")


@pytest.mark.postgresql
@pytest.mark.parametrize("sql", POSTGRESQL)
def test_nor_does_one_of_postgresql(actor, sql):
    official(actor)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as after a commit: or TRUNCATE is refused for another reason
    refused(statement(sql))


@pytest.mark.parametrize("sql", SQLITE)
def test_nor_does_one_of_sqlite(actor, sql):
    if connection.vendor == "sqlite":
        official(actor)
        refused(statement(sql))


def test_each_column_of_a_contract_is_kept_or_known_to_change(actor):
    columns = {field.column for field in Contract._meta.concrete_fields}
    [kept] = [set(kept.columns) for kept in GUARDED_TABLES if kept.model == "contract"]
    assert kept == columns - CHANGES - TIMES
    other = {"text": "'x'", "number": "7", "json": "'{}'"}
    official(actor)
    for field in Contract._meta.concrete_fields:
        if field.column in kept - {"id"}:
            kind = "json" if field.get_internal_type() == "JSONField" else "number"
            kind = "text" if field.get_internal_type() == "CharField" else kind
            refused(statement(f"UPDATE contracts_contract SET {field.column} = {other[kind]}"))


def test_the_models_say_so_too(actor):
    contract = official(actor)
    document = contract.documents.first()
    refused(document.delete)
    refused(lambda: ContractDocument.objects.update(size=F("size") + 1))
    refused(lambda: Contract.objects.filter(pk=contract.pk).update(total_amount=1))
    refused(lambda: AuditEvent.objects.all()._raw_delete("default"))
    with pytest.raises(IntegrityError):
        Contract.objects.all()._raw_delete("default")


def test_what_happens_to_a_contract_is_written_all_the_same(actor):
    contract = void_draft(contract=draft(actor), by=actor)
    edit_remarks(contract=contract, remarks="for the archive", by=actor)
    Contract.objects.get(pk=contract.pk).save()  # the same values again change nothing
    assert contract.lines.filter(released_at=None).count() == 0


def test_guards_that_are_missing_are_named_and_put_up_by_migrate(actor):
    """A migration that makes a table of SQLite anew loses its triggers."""
    assert missing_guards() == []
    with guards_lifted():
        assert len(missing_guards()) == 3 * len(GUARDED_TABLES)
        assert any(name.startswith("kept_auditevent_edited_") for name in missing_guards())
        call_command("migrate", verbosity=0)
        assert missing_guards() == []


def test_guards_of_a_version_that_kept_less_are_replaced(actor, monkeypatch):
    now_kept = GUARDED_TABLES
    older = tuple(replace(kept, columns=tuple(c for c in kept.columns if c != "party_b")) for kept in GUARDED_TABLES)
    with guards_lifted():
        monkeypatch.setattr("contracts.trail.guards.GUARDED_TABLES", older)
        call_command("migrate", verbosity=0)
        monkeypatch.setattr("contracts.trail.guards.GUARDED_TABLES", now_kept)
        assert [name[:20] for name in missing_guards()] == ["kept_contract_edited"]
        call_command("migrate", verbosity=0)
    assert missing_guards() == []
    official(actor)
    refused(statement("UPDATE contracts_contract SET party_b = '{}'"))


@pytest.mark.postgresql
def test_a_guard_that_is_switched_off_is_missing(actor):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TRAIL} DISABLE TRIGGER USER")
    assert len(missing_guards()) == 3
    call_command("migrate", verbosity=0)
    assert missing_guards() == []
