"""Migrations after a release neither lock long tables nor break the code of that release (docs/upgrading.md)."""

import sys
from io import StringIO
from pathlib import Path
from textwrap import dedent

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django_migration_linter import MigrationLinter

from config.management.commands import migrate

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.postgresql
ROOT = Path(__file__).resolve().parents[2]
NEVER = {
    "adds_required": 'migrations.AddField("clockrun", "extra", models.TextField(default="x"), preserve_default=False)',
    "removes_a_field": 'migrations.RemoveField("clockrun", "boot_id")',
    "renames_a_field": 'migrations.RenameField("clockrun", "boot_id", "started")',
    "renames_a_table": 'migrations.AlterModelTable("clockrun", "clock_runs")',
    "locks_for_an_index": 'migrations.AddIndex("clockrun", models.Index(fields=["succeeded_at"], name="slow"))',
}


def faults_of(app: str, folder: Path = ROOT) -> list[str]:
    """Names of the migrations of the app that are not safe. The first of an app creates its tables."""
    linter = MigrationLinter(
        str(folder),
        include_apps=[app],
        ignore_initial_migrations=True,
        all_warnings_as_errors=True,
        no_cache=True,
        no_output=True,
    )
    linter.lint_all_migrations()
    return [f"{app}: {linter.nb_erroneous}"] if linter.nb_erroneous else []


@on_postgresql
def test_no_migration_locks_tables_or_breaks_the_last_release():
    own = [config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT]
    assert {"accounts", "contracts", "orders"} <= set(own)
    assert [fault for app in own for fault in faults_of(app)] == []


@pytest.fixture
def added(tmp_path, monkeypatch, settings):
    """Adds a migration to those of the app `jobs`, in a copy."""

    def add(operation: str) -> None:
        package = tmp_path / "added_migrations"
        package.mkdir()
        for file in (ROOT / "jobs" / "migrations").glob("*.py"):
            (package / file.name).write_text(file.read_text())
        (package / "0002_added.py").write_text(
            dedent(
                f"""
                from django.db import migrations, models
                from common.online_migrations import *

                class Migration(migrations.Migration):
                    atomic = False
                    dependencies = [("jobs", "0001_initial")]
                    operations = [{operation}]
                """
            )
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        settings.MIGRATION_MODULES = {**settings.MIGRATION_MODULES, "jobs": "added_migrations"}

    yield add
    for name in [name for name in sys.modules if name.startswith("added_migrations")]:
        del sys.modules[name]


@on_postgresql
@pytest.mark.parametrize("name", NEVER)
def test_what_does_is_found(added, name, tmp_path):
    added(NEVER[name])
    assert faults_of("jobs", tmp_path) != []


@on_postgresql
def test_a_column_that_may_be_empty_is_safe(added, tmp_path):
    added('migrations.AddField("clockrun", "extra", models.TextField(null=True))')
    assert faults_of("jobs", tmp_path) == []


@on_postgresql
def test_migrate_gives_up_on_a_locked_table_and_is_run_again(added, monkeypatch):
    added('migrations.AddField("clockrun", "extra", models.TextField(null=True))')
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_SECONDS", 0.1)
    reader = connections.create_connection("default")
    try:
        with reader.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM jobs_clockrun")
            with pytest.raises(CommandError, match="again"):
                call_command("migrate", "jobs", stdout=StringIO())
            cursor.execute("ROLLBACK")
        assert ("jobs", "0002_added") not in MigrationRecorder(connection).applied_migrations()
        call_command("migrate", "jobs", stdout=StringIO())
        assert ("jobs", "0002_added") in MigrationRecorder(connection).applied_migrations()
    finally:
        reader.close()
        call_command("migrate", "jobs", "0001", stdout=StringIO())
        connection.close()  # so that no later statement has this limit


INDEX = 'models.Index(fields=["succeeded_at"], name="online_index")'
CONSTRAINT = 'models.CheckConstraint(condition=~models.Q(job=""), name="online_check")'


@pytest.mark.parametrize(
    ("operations", "made"),
    [
        (f'AddIndexConcurrently("clockrun", {INDEX})', "online_index"),
        (
            f'AddConstraintNotValid("clockrun", {CONSTRAINT}), ValidateConstraint("clockrun", "online_check")',
            "online_check",
        ),
    ],
)
def test_indexes_and_constraints_are_added_and_removed_online_on_both_databases(added, tmp_path, operations, made):
    added(operations)
    try:
        call_command("migrate", "jobs", stdout=StringIO())
        assert made in constraints()
        assert connection.vendor == "sqlite" or faults_of("jobs", tmp_path) == []
    finally:
        call_command("migrate", "jobs", "0001", stdout=StringIO())
        connection.close()
    assert made not in constraints()


def test_an_index_is_removed_online_on_both_databases(added):
    added(f'AddIndexConcurrently("clockrun", {INDEX}), RemoveIndexConcurrently("clockrun", "online_index")')
    call_command("migrate", "jobs", stdout=StringIO())
    assert "online_index" not in constraints()
    call_command("migrate", "jobs", "0001", stdout=StringIO())
    assert "online_index" not in constraints()
    connection.close()


def constraints() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "jobs_clockrun"))
