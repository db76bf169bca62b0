"""The scheduled backup is off by default, deletes older backups, and reports failures and missing files."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from contracts.documents.files import path_of
from contracts.models import ContractDocument
from contracts.operations.backup.scheduled import JOB_LOCK_KEY, back_up_system
from jobs.clock_jobs import INTERVALS, clock_job, describe_job_problems
from jobs.models import JobState, RecoveryRun
from tests import factories
from tests.figures import TOKEN, figures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.BACKUP_URL, settings.BACKUP_KEEP = (tmp_path / "backups").as_uri(), 2
    settings.METRICS_TOKEN = TOKEN
    return tmp_path / "backups"


@pytest.fixture
def daily(folder):
    """The job as BACKUP_EVERY_HOURS=24 makes it."""
    job = clock_job(every=timedelta(days=1), lock_key=JOB_LOCK_KEY)(back_up_system.run.__wrapped__)
    yield lambda: job(if_due=True)
    del INTERVALS[back_up_system.name]


def made_in(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("*/manifest.json"))


def test_without_an_interval_nothing_is_backed_up_and_nothing_is_late(folder):
    assert back_up_system(if_due=True) is None
    assert not folder.exists()
    assert back_up_system.name not in INTERVALS


def test_it_runs_once_a_day_and_keeps_as_many_as_are_wanted(daily, folder, clock):
    for _ in range(3):
        daily()
        daily()
        clock.shift(timedelta(days=1))
    assert len(made_in(folder)) == 2
    assert JobState.objects.get().failures == 0


def test_a_failure_is_retried_reported_and_leaves_nothing_that_looks_like_a_backup(daily, folder, clock, caplog):
    folder.write_text("where a folder should be")
    daily()
    [problem] = describe_job_problems(now=JobState.objects.get().failed_at)
    assert f"{folder} is not a folder" in problem
    assert f"job {back_up_system.name} failed" in caplog.text
    assert figures().get("ecc_job_failing_seconds", job=back_up_system.name) == 0
    assert "ecc_backup_last_success_timestamp_seconds" not in figures().names()
    folder.unlink()
    clock.shift(timedelta(minutes=1))
    daily()
    assert len(made_in(folder)) == 1
    assert list(describe_job_problems(now=JobState.objects.get().succeeded_at)) == []


def test_a_backup_that_lacks_files_is_reported_and_not_repeated_at_once(daily, folder, clock, files, issuer, caplog):
    factories.draft(factories.member())
    (files / path_of(ContractDocument.objects.get().sha256)).unlink()
    daily()
    clock.shift(timedelta(minutes=10))
    daily()
    assert len(made_in(folder)) == 1
    assert "lacks 1 files, missing or damaged in the storage" in caplog.text
    assert figures().get("ecc_backup_damaged_files") == 1
    with pytest.raises(CommandError, match="Failed: backup"):
        call_command("check_system", "backup")


def test_check_system_writes_to_the_place_and_names_the_last_backup(daily, folder, capsys):
    call_command("check_system", "backup")
    assert "there is none yet" in capsys.readouterr().out
    daily()
    call_command("check_system", "backup")
    assert f"the last one is of {RecoveryRun.objects.get().succeeded_at:%Y-%m-%d}" in capsys.readouterr().out
    assert not list(folder.glob("check*"))
