"""Scheduled jobs: a failed one is retried within minutes, and reported as long as it fails."""

import os
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from common.errors import Refused
from config.celery import CLOCK_JOBS, app
from config.health import READINESS
from contracts.models import TrailSeal
from contracts.tasks import seal_audit_trail
from emails.tasks import check_mail_server
from jobs.clock_jobs import INTERVALS, MAX_DELAY, JobFailed, clock_job, describe_job_problems, is_due
from jobs.models import JobState, SendingHold
from jobs.turns import exclusive_turn
from tests.contracts.back_office.legal import member_of, text_of
from tests.factories import actor_of, draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).resolve().parents[2]


class Job:
    """A job whose runs end as `ends` says."""

    def __init__(self, every: timedelta) -> None:
        self.runs = 0
        self.ends: BaseException | int | None = 1

        def work() -> int | None:
            self.runs += 1
            if isinstance(self.ends, BaseException):
                raise self.ends
            return self.ends

        self.run = clock_job(every=every)(work)
        self.name = next(reversed(INTERVALS))

    def message(self) -> None:
        """Do what the scheduler's message does."""
        with suppress(ValueError, OSError, Refused):
            self.run(if_due=True)

    @property
    def state(self) -> JobState:
        return JobState.objects.get(job=self.name)


@pytest.fixture
def hourly():
    job = Job(timedelta(hours=1))
    yield job
    del INTERVALS[job.name]


def runs_in(job: Job, clock, minutes: int) -> list[int]:
    """The minutes in which the job ran, with a message in each."""
    ran = []
    for minute in range(1, minutes + 1):
        clock.shift(MINUTE)
        before = job.runs
        job.message()
        ran += [minute] * (job.runs - before)
    return ran


def test_it_runs_at_the_first_message_and_then_once_in_its_interval(hourly, clock):
    hourly.message()
    assert hourly.runs == 1
    assert runs_in(hourly, clock, 130) == [60, 120]


def test_a_message_that_comes_a_moment_early_counts(hourly, clock):
    hourly.message()
    clock.shift(timedelta(minutes=59, seconds=55))
    hourly.message()
    assert hourly.runs == 2


@pytest.mark.parametrize(
    "failure", [ValueError("zhang@customer.example"), JobFailed("no bucket"), OSError("no bucket")]
)
def test_a_failed_job_is_retried_within_minutes_until_it_succeeds(hourly, clock, failure, caplog):
    hourly.ends = failure
    hourly.message()
    assert runs_in(hourly, clock, 25) == [1, 3, 6, 10, 15, 20, 25]
    assert "zhang" not in caplog.text + hourly.state.error
    assert hourly.state.failures == 8
    assert hourly.state.failing_since == timezone.now() - timedelta(minutes=25)
    hourly.ends = 1
    assert runs_in(hourly, clock, 70) == [5, 65]
    assert (hourly.state.failures, hourly.state.failing_since, hourly.state.error) == (0, None, "")


def test_a_job_that_could_not_run_is_still_due(hourly, clock):
    hourly.ends = None
    hourly.message()
    hourly.ends = 1
    assert runs_in(hourly, clock, 3) == [1]


def test_a_job_that_was_killed_is_still_due(hourly, clock):
    """Nothing is recorded before it ends."""
    hourly.ends = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        hourly.run(if_due=True)
    hourly.ends = 1
    assert runs_in(hourly, clock, 3) == [1]


def test_a_job_that_still_runs_here_is_not_begun_again(hourly):
    with exclusive_turn(f"job-{hourly.name}"):
        hourly.message()
    assert hourly.runs == 0


def test_a_success_from_a_clock_that_was_ahead_does_not_keep_it_waiting(hourly, clock):
    hourly.message()
    clock.shift(-timedelta(days=1))
    assert is_due(hourly.name, now=timezone.now())


def test_a_job_that_runs_all_the_time_does_not_write_its_row_each_time(clock, django_assert_num_queries):
    job = Job(MINUTE)
    job.message()
    with django_assert_num_queries(2):
        job.message()
    at = job.state.succeeded_at
    clock.shift(MINUTE)
    job.message()
    assert job.state.succeeded_at == at + MINUTE
    job.ends = OSError("no bucket")
    job.message()
    job.ends = 1
    job.message()
    assert job.state.failing_since is None


def test_a_database_that_is_away_hides_no_failure(hourly, monkeypatch):
    def away(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(JobState.objects, "get_or_create", away)
    hourly.ends = ValueError()
    hourly.message()
    assert hourly.runs == 1


def test_readyz_names_the_job_in_the_log_while_it_fails(hourly, client, caplog):
    hourly.ends = Refused("storage_unavailable", "The storage is away.")
    hourly.message()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["jobs"]) == (503, "failed")
    assert f"{hourly.name} fails since" in caplog.text
    hourly.ends = 1
    hourly.run()
    READINESS.forget()
    assert client.get("/readyz").json()["jobs"] == "ok"


def test_a_job_that_no_worker_runs_is_reported(hourly, clock):
    hourly.message()
    clock.shift(timedelta(hours=1) + MAX_DELAY)
    assert list(describe_job_problems(now=timezone.now())) == []
    clock.shift(timedelta(seconds=1))
    [problem] = describe_job_problems(now=timezone.now())
    assert problem.startswith(f"{hourly.name} last ran at")


def test_the_row_of_a_job_that_no_longer_exists_is_no_problem():
    JobState.objects.create(job="gone.tasks.gone", failing_since=timezone.now())
    assert list(describe_job_problems(now=timezone.now())) == []


def test_every_scheduled_task_is_such_a_job():
    app.loader.import_default_modules()
    ours = {name for name in INTERVALS if not name.startswith("tests.")}
    assert ours == set(CLOCK_JOBS) == {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {entry["schedule"] for entry in app.conf.beat_schedule.values()} == {60}
    for entry in app.conf.beat_schedule.values():
        app.tasks[entry["task"]].run(**entry["kwargs"])


def test_a_web_process_knows_every_job():
    setup, listing = "import django; django.setup(); import config.health", "print(*clock_jobs.INTERVALS)"
    program = f"{setup}; from jobs import clock_jobs; {listing}"
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    known = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert set(known.split()) == set(CLOCK_JOBS)


def test_the_daily_list_that_failed_at_the_start_is_sealed_minutes_later(membership, settings, clock):
    draft(actor_of(membership, "page"))
    path, settings.SEAL_P12 = settings.SEAL_P12, "/nowhere/seal.p12"
    seal_audit_trail()
    settings.SEAL_P12 = path
    clock.shift(MINUTE)
    seal_audit_trail(if_due=True)
    assert TrailSeal.objects.exists()


def test_a_mail_server_that_refuses_is_found_before_an_email_waits(settings, client, clock):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(ConnectionRefusedError):
        check_mail_server(if_due=True)
    assert client.get("/readyz").json()["jobs"] == "failed"


def test_the_first_page_of_the_back_office_tells_staff(hourly):
    finance = member_of("Finance")
    assert "is being retried" not in text_of(finance.get("/admin/"))
    hourly.ends = JobFailed("<no bucket>")
    hourly.message()
    page = text_of(finance.get("/admin/"))
    assert "A scheduled task fails and is being retried. Contact the operator." in page
    assert f"{hourly.name} since 2026-11-22 12:00: <no bucket>" in page


def test_a_restored_copy_does_not_ask_the_mail_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    SendingHold.objects.create(since=timezone.now())
    assert check_mail_server() == 0
