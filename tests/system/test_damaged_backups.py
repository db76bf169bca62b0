"""What is wrong with a backup, or with what was restored from it, is told: which file, table, trail or trigger."""

import json
import shutil
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import Membership
from billing.models import LedgerEntry
from contracts.documents.files import path_of
from contracts.models import Contract, ContractDocument, TrailSeal
from contracts.trail.guard_triggers import installed_triggers
from tests import factories
from tests.system.backups import empty_system, fill, said, sets, stored_in
from tests.tampering import guards_lifted, tamper

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True), pytest.mark.rule("R27")]


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """Made once, by the first test."""
    return tmp_path_factory.mktemp("kept") / "backup"


@pytest.fixture
def backup(kept, tmp_path, settings) -> Path:
    """A folder of a sound backup, to be damaged."""
    if not kept.exists():
        stored_in(tmp_path / "files", settings)
        fill()
        said("back_up", kept)
    return shutil.copytree(kept, tmp_path / "backup")


@pytest.fixture
def restored(backup, tmp_path, settings):
    """The folder of the files of a system that was restored and is now damaged."""
    with empty_system(tmp_path, settings) as files:
        said("restore", backup)
        yield files


def wrong_with(backup: Path) -> list[str]:
    return said("verify_restore", backup, "--processes", "1")[0]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def official() -> ContractDocument:
    return ContractDocument.objects.filter(kind="official").first()


def refused(*words: object) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command(*map(str, words))
    return str(refusal.value)


def a_document(folder: Path) -> Path:
    return sorted((folder / "files/documents").glob("*/*.pdf"))[0]


def test_a_file_that_the_backup_lacks_is_named_before_anything_of_the_database_is_restored(backup, tmp_path, settings):
    gone = a_document(backup)
    gone.unlink()
    with empty_system(tmp_path, settings):
        said_so = refused("restore", backup)
        assert f"{gone} is missing." in said_so
        assert "The database was not restored." in said_so
        assert "The database is empty" in refused("verify_restore", backup)
        assert said("restore", backup, "--incomplete")[0] == [f"WRONG  {gone} is missing."]
        told = wrong_with(backup)
        assert f"WRONG  {gone.relative_to(backup / 'files')} is missing in the storage, or cannot be read." in told
        assert any("The document cannot be read from the storage" in line for line in told)


def test_a_flipped_byte_in_a_file_of_the_backup_is_named(backup, tmp_path, settings):
    flip(a_document(backup))
    with empty_system(tmp_path, settings):
        assert f"{a_document(backup)} is damaged" in refused("restore", backup)


@pytest.mark.parametrize("name", ["database.dump", "files.sha256"])
def test_a_flipped_byte_in_dump_or_list_is_told_before_anything_is_restored(backup, tmp_path, settings, name):
    path = sets(backup)[0] / name
    flip(path)
    with empty_system(tmp_path, settings) as files:
        assert f"{path} is not the file that was backed up" in refused("restore", backup)
        path.unlink()
        assert f"{path} is missing" in refused("restore", backup)
        assert not files.exists()


def test_a_file_that_was_lost_or_changed_after_the_restore_is_named(restored, backup):
    path = path_of(official().sha256)
    flip(restored / path)
    assert any(f"{path} is not the file that was backed up" in line for line in wrong_with(backup))
    (restored / path).unlink()
    assert any(f"{path} is missing" in line for line in wrong_with(backup))


def test_a_scan_that_was_changed_is_named_too(restored, backup):
    [scan] = (restored / "licences").iterdir()
    scan.write_bytes(b"%PDF-1.7 another scan %%EOF")
    [wrong] = wrong_with(backup)
    assert f"licences/{scan.name} is not the file that was backed up" in wrong


def test_a_missing_row_and_one_too_many_are_counted(restored, backup):
    factories.ProductFactory()
    with guards_lifted():
        connection.cursor().execute("DELETE FROM contracts_auditevent WHERE kind = 'drafted'")
    told = wrong_with(backup)
    assert any(line.startswith("WRONG  The table contracts_auditevent has") for line in told)
    assert any(line.startswith("WRONG  The table orders_product has") for line in told)
    assert any("The audit trail is complete" in line for line in told)
    assert not LedgerEntry.objects.exists()


def test_a_row_of_a_trail_that_was_changed_is_found_though_the_counts_agree(restored, backup):
    tamper("UPDATE contracts_auditevent SET source = 'api' WHERE kind = 'converted'")
    told = wrong_with(backup)
    assert any("The audit trail is complete" in line for line in told)


def test_a_trigger_that_was_dropped_is_named(restored, backup):
    name, table = next(key for key in installed_triggers(connection) if key[0].startswith("permanent_"))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    [wrong] = wrong_with(backup)
    assert f"The trigger {name} is missing" in wrong


def test_a_seal_of_the_trail_that_was_taken_out_is_told(restored, backup):
    head = TrailSeal.objects.get()
    with guards_lifted():
        connection.cursor().execute("DELETE FROM contracts_trailseal")
    told = wrong_with(backup)
    was = f"{head.number} of {head.day}, SHA-256 {head.sha256}"
    assert f"The last daily list is none, and was {was}." in "".join(told)
    assert "Every signed daily list in the storage is registered" in "".join(told)


def test_an_older_manifest_is_not_the_restored_systems(restored, backup):
    """The system that was restored went on; the manifest of before does not fit what was backed up after that."""
    factories.official(actor_of(Membership.objects.get(), "page"))
    with time_machine.travel(timezone.now().replace(year=2027)):
        said("back_up", backup)
    older, newer = sets(backup)
    assert wrong_with(backup) == []
    told = said("verify_restore", backup, "--at", older.name, "--processes", "1")[0]
    now, then = (json.loads((own / "manifest.json").read_text())["rows"] for own in (newer, older))
    for table in ("contracts_contract", "contracts_contractdocument", "contracts_auditevent"):
        assert f"WRONG  The table {table} has {now[table]} rows, but the backup has {then[table]}." in told
    assert Contract.objects.count() == now["contracts_contract"] == then["contracts_contract"] + 1


def test_a_manifest_of_a_later_version_is_refused(backup, tmp_path, settings):
    path = sets(backup)[0] / "manifest.json"
    facts = json.loads(path.read_text())
    facts["migrations"]["contracts"].append("9999_from_the_future")
    path.write_text(json.dumps(facts))
    with empty_system(tmp_path, settings):
        assert "contracts.9999_from_the_future. Restore it with that version" in refused("restore", backup)
        path.write_text(json.dumps({**facts, "format": 2}))
        assert "has format 2; this version reads format 1" in refused("restore", backup)
        path.write_text("{")
        assert "manifest.json cannot be read" in refused("restore", backup)
        path.unlink()
        assert "does not hold a complete backup" in refused("restore", backup)


def test_a_dump_of_another_engine_is_refused(backup, tmp_path, settings):
    path = sets(backup)[0] / "manifest.json"
    facts = json.loads(path.read_text())
    other = "sqlite" if facts["engine"] == "postgresql" else "postgresql"
    path.write_text(json.dumps({**facts, "engine": other}))
    with empty_system(tmp_path, settings):
        assert f"The backup is from {other}" in refused("restore", backup)


def test_a_system_that_has_rows_or_files_is_not_restored_over(restored, backup, tmp_path, settings):
    assert "already has" in refused("restore", backup)
    with empty_system(tmp_path, settings) as files:
        (files / "documents").mkdir(parents=True)
        (files / "documents/foreign.pdf").write_bytes(b"of another system")
        assert "The storage holds documents/foreign.pdf, which is not in this backup" in refused("restore", backup)
        said("restore", backup, "--used-storage")
        assert wrong_with(backup) == []


def test_a_restore_that_was_broken_off_among_the_files_goes_on(backup, tmp_path, settings):
    with empty_system(tmp_path, settings) as files:
        here = files / a_document(backup).relative_to(backup / "files")
        here.parent.mkdir(parents=True)
        shutil.copy(a_document(backup), here)
        (files / "readyz.txt").write_bytes(b"ready")
        said("restore", backup)
        assert wrong_with(backup) == []
