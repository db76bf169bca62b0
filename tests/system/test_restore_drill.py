"""The restore drill: a system is backed up, lost, restored elsewhere, verified, and worked on."""

import shutil
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import Membership
from contracts.models import Contract
from contracts.services import approve_void, convert_to_official, request_void
from contracts.trail.daily_seals import seal_trails
from emails.models import Notice
from emails.sending import send_due_emails
from tests import factories
from tests.system.backups import STATUSES, empty_system, fill, said, sets, stored_in
from webhooks.models import WebhookDelivery
from webhooks.sending import send_due_webhooks

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True), pytest.mark.rule("R27")]


@pytest.fixture
def backup(tmp_path, settings):
    """Of a system whose files are gone afterwards, as is its database for who is elsewhere."""
    stored_in(tmp_path / "lost", settings)
    fill()
    folder = tmp_path / "backup"
    assert said("back_up", folder)[0] == []
    shutil.rmtree(tmp_path / "lost")
    return folder


def test_a_lost_system_is_restored_verified_and_worked_on(backup, tmp_path, settings):
    rows = Contract.objects.count()
    with empty_system(tmp_path, settings):
        said("restore", backup)
        wrong, told = said("verify_restore", backup, "--processes", "2")
        assert wrong == []
        assert "the same rows and files" in told
        assert f"{rows} contracts, 9 files" in told
        assert "1 daily lists, 0 stamps: all sound." in told
        assert set(Contract.objects.values_list("status", flat=True)) == STATUSES

        actor = actor_of(Membership.objects.get(), "page")
        contract = convert_to_official(contract=Contract.objects.get(status="draft"), by=actor)
        ticket = request_void(contract=contract, reason="a drill", by=actor)
        approve_void(ticket=ticket, by=factories.staff())
        factories.official(actor)
        seal_trails(now=timezone.now() + timedelta(days=1))
        assert said("verify_archive", "--processes", "1")[0] == []


def test_a_restored_system_writes_to_nobody_until_it_is_told_to(backup, tmp_path, settings):
    with empty_system(tmp_path, settings):
        said("restore", backup)
        waiting = Notice.objects.filter(state="pending").count()
        assert waiting
        assert WebhookDelivery.objects.filter(state="pending").exists()
        assert (send_due_emails().attempted, send_due_webhooks().attempted) == (0, 0)
        assert "Emails and webhooks are held back." in said("verify_restore", backup, "--processes", "1")[1]
        said("resume_sending")
        assert send_due_emails().attempted == waiting
        assert {email.to[0] for email in mail.outbox} == {"real@customer.example"}


def test_a_restored_database_still_refuses_to_change_what_is_kept(backup, tmp_path, settings):
    with empty_system(tmp_path, settings):
        said("restore", backup)
        with connection.cursor() as cursor, pytest.raises(IntegrityError):
            cursor.execute("DELETE FROM contracts_auditevent")


def test_a_second_backup_copies_what_is_new_and_either_can_be_restored(tmp_path, settings):
    folder = tmp_path / "backup"
    stored_in(tmp_path / "files", settings)
    fill()
    assert "12 files, 12 of them new" in _told_files(folder)
    before = Contract.objects.count()
    factories.official(actor_of(Membership.objects.get(), "page"))
    assert "14 files, 2 of them new" in _told_files(folder)
    first, second = sets(folder)
    for own, contracts in ((first, before), (second, before + 1)):
        with empty_system(tmp_path, settings):
            said("restore", folder, "--at", own.name)
            assert said("verify_restore", folder, "--at", own.name, "--processes", "1")[0] == []
            assert Contract.objects.count() == contracts


def _told_files(folder) -> str:
    """What a backup says, a minute after the one before."""
    with time_machine.travel(timezone.now() + timedelta(minutes=len(sets(folder)))):
        return said("back_up", folder)[1]


def test_what_is_written_while_the_backup_runs_is_whole_in_it_or_not_at_all(tmp_path, settings, monkeypatch):
    """A contract comes between the dump and the copying: the backup does not know it, and fits together."""
    from contracts.operations.backup import making

    stored_in(tmp_path / "files", settings)
    fill()
    copy = making._copy

    def later(*words):
        factories.official(actor_of(Membership.objects.get(), "page"))
        get_user_model().objects.filter(is_staff=True).update(first_name="later")
        return copy(*words)

    monkeypatch.setattr(making, "_copy", later)
    said("back_up", tmp_path / "backup")
    with empty_system(tmp_path, settings):
        said("restore", tmp_path / "backup")
        assert said("verify_restore", tmp_path / "backup", "--processes", "1")[0] == []
        assert not get_user_model().objects.filter(first_name="later").exists()
