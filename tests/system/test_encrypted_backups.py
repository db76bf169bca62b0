"""Backups encrypted with age are restored with the private key only; a wrong key gets a clear error."""

import io
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from contracts.models import Contract
from contracts.operations.backup.encryption import decrypt_stream, encrypt_stream
from contracts.operations.backup.errors import BackupError
from tests.system.backups import SCAN, empty_system, fill, said, sets, stored_in

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True), pytest.mark.rule("R27")]


def key_file(path: Path, key: pyrage.x25519.Identity) -> Path:
    """As age-keygen writes it."""
    path.write_text(f"# created: 2026-11-25T10:00:00Z\n# public key: {key.to_public()}\n{key}\n")
    return path


@pytest.fixture
def key() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def identity(tmp_path, key) -> Path:
    return key_file(tmp_path / "backup.key", key)


@pytest.fixture
def folder(tmp_path, settings, key) -> Path:
    stored_in(tmp_path / "files", settings)
    fill()
    settings.BACKUP_RECIPIENTS = [str(pyrage.x25519.Identity.generate().to_public()), str(key.to_public())]
    assert "12 files, 12 of them new; encrypted" in said("back_up", tmp_path / "backup")[1]
    return tmp_path / "backup"


def test_nothing_of_the_content_is_readable_without_the_key(folder):
    written = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in sets(folder)[0].iterdir()} == {"database.dump.age", "files.sha256", "manifest.json"}
    assert all(path.suffix == ".age" for path in (folder / "files").rglob("*") if path.is_file())
    for content in written.values():
        for words in (SCAN, b"real@customer.example", b"%PDF", b"CREATE TABLE"):
            assert words not in content


def test_one_of_the_keys_restores_it(folder, identity, tmp_path, settings):
    contracts = Contract.objects.count()
    with empty_system(tmp_path, settings):
        said("restore", folder, "--identity", identity)
        wrong, told = said("verify_restore", folder, "--processes", "1")
        assert wrong == []
        assert "the same rows and files" in told
        assert Contract.objects.count() == contracts


def test_without_the_key_or_with_another_one_nothing_is_restored(folder, tmp_path, settings):
    with empty_system(tmp_path, settings) as files:
        with pytest.raises(CommandError, match="encrypted: name the file with its private key by --identity"):
            call_command("restore", str(folder))
        another = key_file(tmp_path / "another.key", pyrage.x25519.Identity.generate())
        with pytest.raises(CommandError, match="cannot be decrypted with this key"):
            call_command("restore", str(folder), "--identity", str(another))
        assert not files.exists()


@pytest.mark.parametrize("content", ["", "age1qqq", "AGE-SECRET-KEY-1WRONG"])
def test_a_file_that_is_no_key_is_told(folder, tmp_path, content):
    path = tmp_path / "no.key"
    path.write_text(content)
    with pytest.raises(CommandError, match="private key of age"):
        call_command("restore", str(folder), "--identity", str(path))


def test_a_file_that_was_changed_is_named(folder, identity, tmp_path, settings):
    changed = sorted((folder / "files/documents").glob("*/*.age"))[0]
    content = bytearray(changed.read_bytes())
    content[-1] ^= 1
    changed.write_bytes(content)
    with (
        empty_system(tmp_path, settings),
        pytest.raises(CommandError, match=f"{changed.name} is damaged: it cannot be decrypted"),
    ):
        call_command("restore", str(folder), "--identity", str(identity))


def test_files_that_are_there_are_not_copied_again_and_older_backups_go(folder):
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert "12 files, 0 of them new" in said("back_up", folder, "--keep", "1")[1]
    assert len(sets(folder)) == 1
    assert len(list((folder / "files").rglob("*.age"))) == 12


def test_a_recipient_with_a_typing_error_is_refused_before_anything_is_written(tmp_path, settings, key):
    public = str(key.to_public())
    settings.BACKUP_RECIPIENTS = [public[:-1] + ("q" if public[-1] != "q" else "p")]
    with pytest.raises(CommandError, match="BACKUP_RECIPIENTS contains an invalid age key"):
        call_command("back_up", str(tmp_path / "backup"))
    assert not (tmp_path / "backup").exists()


@pytest.mark.skipif(not shutil.which("age"), reason="needs age (scripts/install_tools.sh)")
def test_age_itself_decrypts_it(folder, identity):
    encrypted = next((folder / "files/licences").iterdir())
    done = subprocess.run(["age", "--decrypt", "-i", identity, encrypted], capture_output=True, check=True)
    assert done.stdout == SCAN


@pytest.mark.parametrize("size", [0, 100, 300_000])
def test_a_target_that_cannot_be_written_is_an_error(size, key):
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):
        encrypt_stream(io.BytesIO(os.urandom(size)), full, [key.to_public()])


def test_a_dump_that_is_cut_off_is_not_taken_for_a_whole_one(key):
    encrypted = io.BytesIO()
    encrypt_stream(io.BytesIO(os.urandom(300_000)), encrypted, [key.to_public()])
    for end in (100, 70_000, 200_000, len(encrypted.getvalue()) - 1):
        with pytest.raises(BackupError, match="cannot be decrypted"):
            decrypt_stream(io.BytesIO(encrypted.getvalue()[:end]), io.BytesIO(), [key])
