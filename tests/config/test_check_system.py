"""`manage.py check_system` names what does not work, within limits, with what to do."""

import socket
from contextlib import suppress
from io import StringIO
from threading import Event

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from config import system_checks
from config.environment import storage
from config.system_checks import SYSTEM_CHECKS, SystemCheck
from jobs.models import JobState

pytestmark = pytest.mark.django_db


def lines(*parts: str) -> dict[str, str]:
    """Part → its line, of a run that may fail."""
    output = StringIO()
    with suppress(CommandError):
        call_command("check_system", *parts, stdout=output)
    return {line[8:].split(":")[0]: line.strip() for line in output.getvalue().splitlines()}


def test_a_system_that_works_passes():
    output = StringIO()
    call_command("check_system", *(set(SYSTEM_CHECKS) - {"disk"}), stdout=output)  # this machine's disk is its own
    assert "FAILED" not in output.getvalue()


def test_each_part_has_a_line_and_an_advice():
    assert list(lines()) == list(SYSTEM_CHECKS)
    assert all(check.advice for check in SYSTEM_CHECKS.values())


def test_it_checks_only_the_parts_that_are_named():
    assert list(lines("storage", "clock")) == ["storage", "clock"]
    with pytest.raises(CommandError, match="Unknown: bucket"):
        call_command("check_system", "bucket")


def test_a_failure_ends_the_command_with_an_error():
    JobState.objects.create(job="contracts.tasks.forget", failing_since=timezone.now(), error="OSError")
    with pytest.raises(CommandError, match="Failed: jobs"):
        call_command("check_system", "storage", "jobs", stdout=StringIO())


def test_the_probe_does_not_stay_in_the_storage(files):
    assert lines("storage")["storage"].startswith("OK")
    assert not list(files.rglob("check-system*"))


def test_a_storage_that_cannot_be_written(settings, tmp_path):
    (tmp_path / "file").write_text("where a folder should be")
    settings.STORAGES = {**settings.STORAGES, "default": storage((tmp_path / "file").as_uri())}
    line = lines("storage")["storage"]
    assert line.startswith("FAILED")
    assert "STORAGE_URL" in line


def test_a_mail_server_that_refuses(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    line = lines("mail")["mail"]
    assert line.startswith("FAILED")
    assert "ConnectionRefusedError" in line
    assert "EMAIL_URL" in line


def test_without_a_mail_server_there_is_nothing_to_check(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert lines("mail")["mail"].startswith("-")


def test_servers_that_hang_are_given_up_on(settings, monkeypatch):
    monkeypatch.setattr(system_checks, "LIMIT_SECONDS", 0.2)
    monkeypatch.setattr("config.management.commands.check_system.LIMIT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", silent.getsockname()[1]
        settings.SEAL_TSA_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        told = lines("mail", "timestamps")
    assert [line.split()[0] for line in told.values()] == ["FAILED", "FAILED"]


def test_a_library_that_tries_again_is_interrupted_again(monkeypatch):
    def stubborn() -> str:
        for _attempt in range(3):
            try:
                Event().wait(60)
            except TimeoutError:
                continue
        raise TimeoutError

    monkeypatch.setattr(system_checks, "INTERRUPT_INTERVAL_SECONDS", 0.05)
    monkeypatch.setattr("config.management.commands.check_system.LIMIT_SECONDS", 0.05)
    monkeypatch.setitem(SYSTEM_CHECKS, "storage", SystemCheck(stubborn, "Wait."))
    assert lines("storage")["storage"].startswith("FAILED")


def test_a_database_that_lacks_a_migration():
    app, name = max(key for key in MigrationRecorder(connection).applied_migrations() if key[0] == "contracts")
    MigrationRecorder(connection).record_unapplied(app, name)
    assert "manage.py migrate" in lines("migrations")["migrations"]


def test_a_seal_that_does_not_work_and_a_process_without_one(settings):
    settings.SEAL_P12 = "/nowhere/seal.p12"
    assert lines("seal")["seal"].startswith("FAILED")
    settings.SEAL_P12 = ""
    assert lines("seal")["seal"].startswith("-")


def test_a_disk_that_is_nearly_full(monkeypatch):
    monkeypatch.setattr(system_checks, "free_bytes", lambda: {"data": 5 << 20, "temporary": 1 << 30})
    line = lines("disk")["disk"]
    assert line.startswith("FAILED")
    assert "has 5 MB" in line


def test_an_anchor_that_cannot_be_written(settings, tmp_path):
    assert lines("anchor")["anchor"].startswith("-")
    settings.TRAIL_ANCHOR_URL = (tmp_path / "anchor").as_uri()
    settings.STORAGES = {**settings.STORAGES, "anchor": storage(settings.TRAIL_ANCHOR_URL)}
    assert lines("anchor")["anchor"].startswith("OK")
    settings.STORAGES = {**settings.STORAGES, "anchor": storage((tmp_path / "anchor" / "x").as_uri())}
    (tmp_path / "anchor" / "x").write_text("a file, where a folder should be")
    assert lines("anchor")["anchor"].startswith("FAILED")
