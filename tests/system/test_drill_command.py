"""`manage.py drill_restore`: a backup is restored elsewhere, verified, and nothing of it stays."""

import os
from pathlib import Path

import psycopg
import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from contracts.operations.backup.drill import SUFFIX
from jobs.models import RecoveryRun
from tests.figures import TOKEN, figures
from tests.system.backups import fill, said, sets, stored_in

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True), pytest.mark.rule("R27")]


@pytest.fixture
def backup(tmp_path, settings) -> Path:
    settings.METRICS_TOKEN = TOKEN
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    stored_in(tmp_path / "files", settings)
    fill()
    said("back_up", tmp_path / "backup")
    return tmp_path / "backup"


def left_behind(settings) -> list[str]:
    """Folders and databases of drills."""
    folders = [path.name for path in settings.DATA_DIR.iterdir() if path.name != "locks"]
    if connection.vendor != "postgresql":
        return folders
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"%{SUFFIX}"])
        return [*folders, *(name for (name,) in cursor.fetchall())]


def test_the_newest_backup_is_restored_verified_and_deleted(backup, settings, capfd):
    began = timezone.now()
    said("drill_restore", backup, "--processes", "1")
    told = capfd.readouterr().out
    assert "the same rows and files" in told
    assert "Emails and webhooks are held back." in told
    assert left_behind(settings) == []
    run = RecoveryRun.objects.get(kind="drill")
    assert began <= run.succeeded_at <= timezone.now()
    assert run.seconds > 0
    served = figures()
    assert served.get("ecc_restore_drill_last_success_timestamp_seconds") == run.succeeded_at.timestamp()
    assert served.get("ecc_backup_damaged_files") == 0


def test_a_backup_that_cannot_be_restored_fails_the_drill(backup, settings, capfd):
    next((backup / "files/licences").iterdir()).unlink()
    with pytest.raises(CommandError, match="restore failed with status 1: the backup cannot be relied on"):
        call_command("drill_restore", str(backup))
    assert "is missing" in capfd.readouterr().err
    assert not RecoveryRun.objects.filter(kind="drill").exists()
    assert left_behind(settings) == []


def test_an_encrypted_backup_is_drilled_with_the_key(backup, settings, tmp_path):
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(str(key))
    settings.BACKUP_RECIPIENTS = [str(key.to_public())]
    said("back_up", tmp_path / "encrypted")
    said(
        "drill_restore",
        tmp_path / "encrypted",
        "--identity",
        tmp_path / "key",
        "--at",
        sets(tmp_path / "encrypted")[0].name,
    )
    assert RecoveryRun.objects.filter(kind="drill").exists()


@pytest.mark.postgresql
def test_a_user_who_may_create_no_database_is_told_what_to_do(backup, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS ecc_without_createdb; CREATE ROLE ecc_without_createdb LOGIN")
    where = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_URL"])
    monkeypatch.setenv("DATABASE_URL", f"postgres://ecc_without_createdb@{where['host']}:{where['port']}/postgres")
    try:
        with pytest.raises(CommandError, match=r"permission denied to create database.*--server"):
            call_command("drill_restore", str(backup))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE ecc_without_createdb")
