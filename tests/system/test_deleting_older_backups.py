"""Deleting older backups: what goes with them, what stays whole, and when nothing is deleted."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import CertificationRequest
from contracts.documents.files import path_of
from contracts.models import ContractDocument
from contracts.operations.backup.places import Place
from tests.system.backups import empty_system, fill, said, sets, stored_in

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def folder(tmp_path, settings) -> Path:
    """Two backups of a system with something of everything; since the second, a scan is erased."""
    stored_in(tmp_path / "files", settings)
    fill()
    for days in (3, 2):
        with time_machine.travel(timezone.now() - timedelta(days=days)):
            said("back_up", tmp_path / "backup")
    request = CertificationRequest.objects.get()
    request.licence.delete()
    return tmp_path / "backup"


def scans(folder: Path) -> list[Path]:
    return list((folder / "files/licences").iterdir())


def is_whole(folder: Path) -> bool:
    checks = [["sha256sum", "--check", "--quiet", own / "files.sha256"] for own in sets(folder)]
    return all(subprocess.run(check, cwd=folder / "files", check=False).returncode == 0 for check in checks)


def test_as_many_as_are_wanted_stay_and_can_be_restored(folder, tmp_path, settings):
    older, newer = sets(folder)
    assert "1 older backups were deleted" in said("back_up", folder, "--keep", 2)[1]
    assert sets(folder)[0] == newer
    assert not older.exists()
    assert len(sets(folder)) == 2
    assert scans(folder)  # the other backup lists it
    assert is_whole(folder)
    with empty_system(tmp_path, settings):
        said("restore", folder, "--at", newer.name)
        assert said("verify_restore", folder, "--at", newer.name, "--processes", "1")[0] == []


def test_a_file_goes_with_the_last_backup_that_has_it(folder):
    assert scans(folder)
    assert "2 older backups were deleted" in said("back_up", folder, "--keep", 1)[1]
    assert len(sets(folder)) == 1
    assert scans(folder) == []
    assert is_whole(folder)


def test_nothing_is_deleted_unless_it_is_wanted(folder):
    assert "were deleted" not in said("back_up", folder)[1]
    assert len(sets(folder)) == 3


def test_nothing_is_deleted_while_a_file_is_damaged_in_the_storage(folder, tmp_path):
    path = path_of(ContractDocument.objects.order_by("sha256")[0].sha256)
    (folder / "files" / path).unlink()
    (tmp_path / "files" / path).write_bytes(b"%PDF of somebody else")
    wrong, told = said("back_up", folder, "--keep", 1)
    assert len(wrong) == 1
    assert "were deleted" not in told
    assert len(sets(folder)) == 3


def test_a_backup_that_is_partly_deleted_is_none(folder, monkeypatch):
    older, newer = sets(folder)

    def broken_off(place: Place, name: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Place, "delete_tree", broken_off)
        with pytest.raises(KeyboardInterrupt):
            call_command("back_up", str(folder), "--keep", "2")
    assert older.exists()
    assert not (older / "manifest.json").exists()
    assert is_whole(folder)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        said("back_up", folder, "--keep", 2)
    assert not older.exists()
    assert not newer.exists()


@pytest.mark.parametrize("number", ["0", "-1", "all"])
@pytest.mark.parametrize("option", ["--keep", "--jobs"])
def test_numbers_below_one_are_refused(folder, option, number):
    with pytest.raises(CommandError, match="must be a whole number from 1"):
        call_command("back_up", str(folder), f"{option}={number}")
    assert len(sets(folder)) == 2
