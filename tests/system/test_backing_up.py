"""Backing up: what is in the folder, and what is said where it cannot be written, read or dumped."""

import fcntl
import resource
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection

from accounts.models import CertificationRequest
from contracts.documents.files import path_of
from contracts.models import ContractDocument
from contracts.operations.backup import making, postgresql
from tests.system.backups import SCAN, back_up_in_part, empty_system, fill, said, sets, stored_in

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def files(tmp_path, settings) -> Path:
    """The storage of a system with something of everything."""
    stored_in(tmp_path / "files", settings)
    fill()
    return tmp_path / "files"


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "backup"


def refused(folder: Path) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command("back_up", str(folder))
    return str(refusal.value)


def test_a_backup_can_be_checked_without_us_and_read_by_nobody_else(files, folder, settings):
    said("back_up", folder)
    [own] = sets(folder)
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", own / "files.sha256"],
        cwd=folder / "files",
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, b"")
    assert {path.name for path in own.iterdir()} == {"database.dump", "files.sha256", "manifest.json"}
    assert folder.stat().st_mode & 0o077 == own.stat().st_mode & 0o077 == 0
    key = Path(settings.SEAL_P12).read_bytes()
    assert all(key not in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert any(path.read_bytes() == SCAN for path in (folder / "files/licences").iterdir())


def test_several_files_are_read_at_once_and_listed_in_their_order(files, folder, monkeypatch):
    inside, together = set(), threading.Event()

    def fetch(path: str, *rest: object) -> str:
        inside.add(path)
        if len(inside) > 1:
            together.set()
        assert together.wait(60), "one at a time"
        return making_fetch(path, *rest)

    making_fetch = making.fetch
    monkeypatch.setattr(making, "fetch", fetch)
    said("back_up", folder)
    [own] = sets(folder)
    listed = [line.split("  ")[1] for line in (own / "files.sha256").read_text().splitlines()]
    assert {*listed} == inside
    documents = [path_of(sha256) for sha256 in ContractDocument.objects.values_list("sha256", flat=True).distinct()]
    assert {*listed[: len(documents)]} == {*documents}  # as the dump names them


def test_a_database_that_the_code_is_ahead_of_is_told_in_a_sentence(folder, monkeypatch):
    def lacking(*args: object, **options: object) -> None:
        raise ProgrammingError('relation "contracts_trailseal" does not exist')

    monkeypatch.setattr("contracts.management.commands.back_up.back_up", lacking)
    assert "contracts_trailseal" in refused(folder)
    assert "before upgrading" in refused(folder)


def test_a_folder_that_holds_anything_else_is_refused(folder):
    folder.mkdir()
    (folder / "holiday.jpg").touch()
    assert f"{folder} is neither empty nor a backup folder: it holds holiday.jpg" in refused(folder)
    assert "is not a folder" in refused(folder / "holiday.jpg")
    assert [path.name for path in folder.iterdir()] == ["holiday.jpg"]


def test_two_backups_into_one_folder_do_not_meet(folder):
    folder.mkdir()
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert f"Another backup to {folder} is running" in refused(folder)


def test_a_backup_that_was_broken_off_is_none_and_the_next_goes_on_from_it(files, folder, monkeypatch):
    back_up_in_part(str(folder), 5, monkeypatch)
    [left] = sets(folder)
    with pytest.raises(CommandError, match="does not hold a complete backup"):
        call_command("restore", str(folder))
    shutil.move(left, folder / "2026-01-01T00-00-00Z")
    assert "12 files, 7 of them new" in said("back_up", folder)[1]
    assert len(sets(folder)) == 1


def test_a_disk_that_takes_no_more_is_told_and_there_is_no_backup(files, folder):
    """Files of a few bytes more than the smallest are as many as this process may write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    folder.mkdir()
    said("back_up", folder.with_name("to know the sizes"))
    dump = (sets(folder.with_name("to know the sizes"))[0] / "database.dump").stat().st_size
    largest = max(path.stat().st_size for path in files.rglob("*.pdf"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(dump, largest) - 1, hard))
    try:
        told = refused(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "could not be written" in told or "failed" in told or "could not be copied" in told
    assert not list(folder.glob("*/manifest.json"))
    assert said("back_up", folder)[0] == []


def test_a_file_that_is_damaged_in_the_storage_is_named_and_the_rest_is_backed_up(files, folder, tmp_path, settings):
    missing, changed = (path_of(row.sha256) for row in ContractDocument.objects.order_by("sha256")[:2])
    (files / missing).unlink()
    (files / changed).write_bytes(b"%PDF of somebody else")
    wrong, told = said("back_up", folder)
    assert len(wrong) == 2
    assert any(f"{missing}: it cannot be read" in line for line in wrong)
    assert any(f"{changed}: its content does not match its name" in line for line in wrong)
    assert "10 files, 10 of them new" in told
    assert "2 files are not in it" in told
    assert not (folder / "files" / changed).exists()
    with empty_system(tmp_path, settings):
        assert "made without 2 files" in said("restore", folder)[1]
        told = "".join(said("verify_restore", folder, "--processes", "1")[0])
        assert f"The backup was made without a file: {missing}" in told


def test_a_scan_that_is_erased_while_the_backup_runs_is_no_damage(files, folder, monkeypatch):
    copy = making._copy

    def meanwhile(*words):
        request = CertificationRequest.objects.get()
        request.licence.delete()
        return copy(*words)

    monkeypatch.setattr(making, "_copy", meanwhile)
    wrong, told = said("back_up", folder)
    assert wrong == []
    assert "11 files, 11 of them new" in told


@pytest.mark.postgresql
def test_a_pg_dump_that_is_missing_or_too_old_is_told(folder, tmp_path, monkeypatch):
    major = connection.pg_version // 10_000
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setattr(postgresql, "DEBIAN_PROGRAMS", tmp_path / "nowhere")
    monkeypatch.setenv("PATH", str(programs))
    assert f"pg_dump is not installed. Install the client programs of PostgreSQL {major}" in refused(folder)
    old = programs / "pg_dump"
    old.write_text('#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6.24"\n')
    old.chmod(0o755)
    assert f"pg_dump 9 is older than the server, which is {major}" in refused(folder)


@pytest.mark.postgresql
def test_the_servers_own_pg_dump_goes_before_a_newer_one(tmp_path, monkeypatch):
    for major in (17, 15, 14):
        (tmp_path / f"{major}/bin").mkdir(parents=True)
        program = tmp_path / f"{major}/bin/pg_dump"
        program.write_text(f'#!/bin/sh\necho "pg_dump (PostgreSQL) {major}.1 (Debian)"\n')
        program.chmod(0o755)
    monkeypatch.setattr(postgresql, "DEBIAN_PROGRAMS", tmp_path)
    monkeypatch.setattr(postgresql.shutil, "which", lambda name: None)
    assert postgresql.program_for("pg_dump", 15).endswith("/15/bin/pg_dump")
    assert postgresql.program_for("pg_dump", 16).endswith("/17/bin/pg_dump")


@pytest.mark.postgresql
def test_nothing_is_restored_while_somebody_is_connected(files, folder, tmp_path, settings):
    import psycopg

    said("back_up", folder)
    with empty_system(tmp_path, settings):
        connection.ensure_connection()
        info = connection.connection.info
        with (
            psycopg.connect(host=info.host, port=info.port, user=info.user, dbname=info.dbname),
            pytest.raises(CommandError, match="1 other clients are connected"),
        ):
            call_command("restore", str(folder))
        said("restore", folder)
