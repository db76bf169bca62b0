"""The guards of permanent rows are compared by what they do: one that is missing, disabled or another is found."""

from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import connection

from contracts.trail.guard_triggers import installed_triggers
from contracts.trail.guards import GUARDED_TABLES, guard_defects
from tests.contracts.archive.test_database_refuses import TRAIL, refused, statement
from tests.factories import official
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.rule("R38")]


def missing() -> list[str]:
    return [sentence for sentence in guard_defects() if "is missing" in sentence]


def test_guards_that_are_missing_are_named_and_put_up_by_migrate(actor):
    """A migration that makes a table of SQLite anew loses its triggers."""
    assert list(guard_defects()) == []
    guards = installed_triggers(connection)
    assert len({table for _name, table in guards}) == len({table.table for table in GUARDED_TABLES})
    with guards_lifted():
        assert len(missing()) == len(guards)
        assert any(" permanent_auditevent_edited_" in sentence for sentence in missing())
        call_command("migrate", verbosity=0)
        assert list(guard_defects()) == []


def test_guards_of_a_version_that_guarded_less_are_replaced(actor, monkeypatch):
    current = GUARDED_TABLES
    older = tuple(
        replace(guarded, columns=tuple(c for c in guarded.columns if c != "party_b")) for guarded in GUARDED_TABLES
    )
    with guards_lifted():
        monkeypatch.setattr("contracts.trail.guards.GUARDED_TABLES", older)
        call_command("migrate", verbosity=0)
        monkeypatch.setattr("contracts.trail.guards.GUARDED_TABLES", current)
        assert [sentence.split("_")[1] for sentence in missing()] == ["contract"]
        call_command("migrate", verbosity=0)
    assert list(guard_defects()) == []
    official(actor)
    refused(statement("UPDATE contracts_contract SET party_b = '{}'"))


REPLACED = {
    "sqlite": [
        "CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN SELECT 1; END",
        "CREATE TRIGGER {name} BEFORE DELETE ON {table} WHEN OLD.id < 0"
        " BEGIN SELECT RAISE(ABORT, 'are permanent'); END",
        "CREATE TRIGGER {name} BEFORE DELETE ON contracts_selection BEGIN SELECT 1; END",
    ],
    "postgresql": [
        "CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW WHEN (OLD.id < 0)"
        " EXECUTE FUNCTION contracts_refuse()",
        "CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION contracts_refuse()",
        "CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION contracts_refuse()",
        "CREATE FUNCTION contracts_allow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$;"
        "CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION contracts_allow()",
        "CREATE TRIGGER {name} BEFORE DELETE ON contracts_selection FOR EACH ROW EXECUTE FUNCTION contracts_refuse()",
    ],
}


@pytest.mark.parametrize("other", range(5))
def test_a_trigger_with_the_right_name_and_another_effect_is_found_and_mended(actor, other):
    statements = REPLACED[connection.vendor]
    if other >= len(statements):
        return
    [name] = [
        name for name, _table in installed_triggers(connection) if name.startswith("permanent_auditevent_deleted")
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {TRAIL}" if connection.vendor == "postgresql" else ""))
        cursor.execute(statements[other].format(name=name, table=TRAIL))
    [sentence] = guard_defects()
    assert name in sentence
    call_command("migrate", verbosity=0)
    assert list(guard_defects()) == []
    official(actor)
    refused(statement(f"DELETE FROM {TRAIL}"))


def test_a_trigger_of_somebody_elses_is_named(actor):
    body = "BEGIN SELECT 1; END"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION quietly() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.remarks = 'x'; RETURN NEW;"
                " END$$"
            )
            body = "FOR EACH ROW EXECUTE FUNCTION quietly()"
        cursor.execute(f"CREATE TRIGGER aa_quietly BEFORE INSERT ON contracts_contract {body}")
    [sentence] = guard_defects()
    assert "aa_quietly on contracts_contract is not ours" in sentence


@pytest.mark.postgresql
def test_a_function_that_no_longer_refuses_is_found_and_mended(actor):
    with connection.cursor() as cursor:
        body = "RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$"
        cursor.execute(f"CREATE OR REPLACE FUNCTION contracts_refuse() {body}")
    assert len(list(guard_defects())) > 20
    call_command("migrate", verbosity=0)
    assert list(guard_defects()) == []


@pytest.mark.postgresql
def test_sessions_in_which_no_trigger_fires_are_found(actor):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        [sentence] = guard_defects()
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert "session_replication_role is replica" in sentence


@pytest.mark.postgresql
def test_a_guard_that_is_switched_off_is_named_and_mended(actor):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TRAIL} DISABLE TRIGGER USER")
    assert ["is disabled" in sentence for sentence in guard_defects()] == [True] * 3
    call_command("migrate", verbosity=0)
    assert list(guard_defects()) == []
