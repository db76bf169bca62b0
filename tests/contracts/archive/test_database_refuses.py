"""Events, files and what a contract says are not edited or deleted: by no statement, and by no program."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.db.models import F, UniqueConstraint

from accounts.certification.requests import reject_certification, request_certification
from accounts.models import Issuer
from billing.models import LedgerEntry
from contracts.models import AuditEvent, Clause, ClauseVersion, Contract, ContractDocument, ContractOrder
from contracts.services import approve_void, edit_remarks, request_void, void_draft
from contracts.services.publishing import discard, prepare_clauses
from contracts.trail.guards import GUARDED_TABLES
from tests.billing.bookkeeping import book
from tests.factories import draft, official, staff

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.rule("R23")]
CHANGES = {
    "status",
    "remarks",
    "official_at",
    "voided_at",
    "invalid_at",
    "void_reason",
    "reminded_at",
    "valid_from",
    "updated_at",
}
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
    "UPDATE contracts_sealkey SET fingerprint = 'ab'",
    "DELETE FROM contracts_sealkey",
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
    with pytest.raises((connection.Database.Error, IntegrityError), match="are permanent"), transaction.atomic():
        call()
    assert rows() == before


def rows() -> list[list[dict]]:
    models = (AuditEvent, ContractDocument, ContractOrder, Contract)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("sql", EVERYWHERE)
def test_no_statement_changes_permanent_rows(actor, sql):
    official(actor, count=2)
    refused(statement(sql))


@pytest.mark.parametrize("sql", LEDGER)
def test_no_statement_changes_the_ledger(membership, sql):
    book(membership.account)
    with pytest.raises((connection.Database.Error, IntegrityError), match="are permanent"), transaction.atomic():
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


def test_each_column_of_a_contract_is_permanent_or_known_to_change(actor):
    columns = {field.column for field in Contract._meta.concrete_fields}
    [guarded] = [set(table.columns) for table in GUARDED_TABLES if table.model == "contract" and not table.parent]
    assert guarded == columns - CHANGES - TIMES
    other = {"CharField": "'x'", "JSONField": "'{}'", "BooleanField": "true"}
    official(actor)
    for field in Contract._meta.concrete_fields:
        if field.column in guarded - {"id"}:
            value = other.get(field.get_internal_type(), "7")
            refused(statement(f"UPDATE contracts_contract SET {field.column} = {value}"))


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


LAW = [
    "UPDATE contracts_clause SET text_en = 'x' WHERE version_id IN (SELECT id FROM contracts_clauseversion"
    " WHERE published_at IS NOT NULL)",
    "UPDATE contracts_clause SET text_en = text_en",
    "DELETE FROM contracts_clause",
    "INSERT INTO contracts_clause (version_id, position, heading_en, text_en, heading_zh, text_zh)"
    " SELECT version_id, 99, 'x', 'x', 'x', 'x' FROM contracts_clause",
    "UPDATE contracts_clauseversion SET published_at = NULL",
    "DELETE FROM contracts_clauseversion",
    "UPDATE accounts_issuer SET name = 'x'",
    "DELETE FROM accounts_issuer",
]
DECISIONS = [
    "UPDATE contracts_voidticket SET reason = 'x'",
    "UPDATE contracts_voidticket SET note = 'x'",
    "UPDATE contracts_voidticket SET decided_by_id = opened_by_id",
    "UPDATE contracts_voidticket SET status = 'rejected'",
    "DELETE FROM contracts_voidticket",
    "UPDATE accounts_certificationrequest SET note = 'x'",
    "UPDATE accounts_certificationrequest SET decided_by_id = requested_by_id",
    "DELETE FROM accounts_certificationrequest",
]


@pytest.mark.rule("R38")
@pytest.mark.parametrize("sql", LAW)
def test_no_statement_changes_what_was_published(actor, sql):
    before = [list(model.objects.order_by("pk").values()) for model in (Clause, ClauseVersion, Issuer)]
    with pytest.raises((connection.Database.Error, IntegrityError), match="are permanent"), transaction.atomic():
        statement(sql)()
    assert [list(model.objects.order_by("pk").values()) for model in (Clause, ClauseVersion, Issuer)] == before


@pytest.mark.rule("R38")
@pytest.mark.parametrize("sql", DECISIONS)
def test_no_statement_changes_what_was_decided(actor, sql):
    approve_void(ticket=request_void(contract=official(actor), reason="renamed", by=actor), by=staff())
    licence = ContentFile(b"%PDF-1.7 a scan %%EOF", name="scan.pdf")
    request = request_certification(kind="personal", name="李雷", credit_code="", licence=licence, by=actor)
    reject_certification(request=request, by=staff(), note="unreadable")
    with pytest.raises((connection.Database.Error, IntegrityError), match="are permanent"), transaction.atomic():
        statement(sql)()


def test_what_is_in_preparation_can_change(actor):
    version = prepare_clauses(type="order", by=staff())
    clause = version.clauses.first()
    clause.heading_en = "Another"
    clause.save()
    version.clauses.last().delete()
    discard(version=version, by=staff())
    statement("UPDATE contracts_voidticket SET note = 'x'")()


def test_every_unique_column_of_a_permanent_table_is_guarded_on_sqlite():
    """INSERT OR REPLACE deletes the row that is in the way of a unique index, and fires no trigger for it."""
    for guarded in GUARDED_TABLES:
        if guarded.once or guarded.parent:
            continue  # rows in preparation may be replaced, and permanent ones have no other unique columns
        model = apps.get_model(guarded.app, guarded.model)
        columns = {(field.column,) for field in model._meta.concrete_fields if field.unique}
        columns |= {
            tuple(model._meta.get_field(name).column for name in constraint.fields)
            for constraint in model._meta.constraints
            if isinstance(constraint, UniqueConstraint)
        }
        assert columns <= {("id",), guarded.key, *(unique.columns for unique in guarded.also_unique)}
