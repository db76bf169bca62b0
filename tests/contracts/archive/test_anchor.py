"""The anchor takes each list, and with it a database and a storage that both went back are found."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from config.environment import storage
from contracts.health.evidence_health import evidence_warnings
from contracts.models import TrailAnchor, TrailSeal
from contracts.tasks import feed_anchors, seal_audit_trail
from jobs.models import SendingHold
from tests.contracts.archive.asking import told
from tests.factories import draft
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R38"), pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)
MAILTO = "mailto:auditor@example.com"


@pytest.fixture
def anchor(settings, tmp_path) -> Path:
    folder = tmp_path / "anchor"
    settings.TRAIL_ANCHOR_URL = folder.as_uri()
    settings.STORAGES = {**settings.STORAGES, "anchor": storage(folder.as_uri())}
    return folder


def next_day(actor, clock) -> None:
    clock.shift(DAY)
    draft(actor)
    seal_audit_trail()


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.*") if "trail" in path.parts}


def test_it_takes_each_list_with_its_signature_and_stamp(actor, anchor, files, clock, stamp_server):
    next_day(actor, clock)
    next_day(actor, clock)
    assert feed_anchors() == 2
    assert names(anchor) == names(files)
    assert len(names(anchor)) == 8
    assert feed_anchors() == 0
    assert told("--anchor")[0] == []


def test_a_failing_anchor_does_not_stop_the_seal_and_gets_everything_later(actor, anchor, files, clock, caplog):
    anchor.write_text("a file, where a folder should be")
    next_day(actor, clock)
    assert feed_anchors() is None
    assert "the anchor of the daily lists failed" in caplog.text
    [warning] = evidence_warnings(now=timezone.now())
    assert "has not received daily lists since 2026-11-23 04:00 UTC" in warning
    next_day(actor, clock)
    anchor.unlink()
    assert feed_anchors() == 2
    assert names(anchor) == names(files)
    assert list(evidence_warnings(now=timezone.now())) == []


def test_a_list_that_our_storage_lost_does_not_hold_up_the_others(actor, anchor, files, clock):
    next_day(actor, clock)
    for path in (files / "trail" / "lists").iterdir():
        path.unlink()
    next_day(actor, clock)
    assert feed_anchors() == 2
    assert len(names(anchor)) == 2
    assert any("Daily list 1 of 2026-11-23  The anchor has every daily list" in line for line in told("--anchor")[0])


def test_another_anchor_gets_everything_from_the_first_list_on(actor, anchor, settings, tmp_path, clock):
    next_day(actor, clock)
    feed_anchors()
    other = tmp_path / "other"
    settings.TRAIL_ANCHOR_URL = other.as_uri()
    settings.STORAGES = {**settings.STORAGES, "anchor": storage(other.as_uri())}
    assert feed_anchors() == 1
    assert names(other) == names(anchor)


def test_a_database_and_a_storage_that_both_went_back_are_found(actor, anchor, files, clock, tmp_path):
    next_day(actor, clock)
    shutil.copytree(files, tmp_path / "backup")
    next_day(actor, clock)
    feed_anchors()
    lost = TrailSeal.objects.last()
    with guards_lifted():  # back to the day before, with every file
        for statement in (
            "DELETE FROM contracts_trailseal WHERE number = 2",
            "DELETE FROM contracts_contractdocument WHERE created_at > '2026-11-24'",
            "DELETE FROM contracts_auditevent WHERE at > '2026-11-24'",
            "DELETE FROM contracts_contractorder WHERE contract_id NOT IN (SELECT contract_id FROM"
            " contracts_auditevent)",
            "DELETE FROM contracts_contractsearch WHERE contract_id NOT IN (SELECT contract_id FROM"
            " contracts_auditevent)",
            "DELETE FROM contracts_contract WHERE applied_at > '2026-11-24'",
            "UPDATE contracts_trailanchor SET lists = 1",
        ):
            execute(statement)
    shutil.rmtree(files)
    shutil.copytree(tmp_path / "backup", files)
    assert told()[0] == []  # nothing here knows of it
    [wrong] = told("--anchor")[0]
    assert "WRONG  Daily list 2 of 2026-11-24  Every daily list of the anchor is registered" in wrong
    assert lost.sha256 in wrong
    next_day(actor, clock)  # another second list does not hide it
    feed_anchors()
    assert told()[0] == []
    [wrong] = told("--anchor")[0]
    assert lost.sha256 in wrong


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0


def test_what_the_anchor_lost_is_found(actor, anchor, clock, stamp_server):
    next_day(actor, clock)
    feed_anchors()
    for path in anchor.rglob("*.*"):
        content = path.read_bytes()
        path.write_bytes(content[:-1])
        [wrong] = told("--anchor")[0]
        assert "The anchor has every daily list and stamp" in wrong
        path.write_bytes(content)
    assert told("--anchor")[0] == []


def test_a_foreign_file_in_the_anchor_is_no_list(actor, anchor, files, clock):
    next_day(actor, clock)
    feed_anchors()
    [path] = anchor.rglob("*.txt")
    path.with_name("000002-" + "0" * 64 + ".txt").write_text("daily list, format 2\n")
    assert told("--anchor")[0] == []


def test_the_auditor_gets_what_is_to_be_kept_of_each_list(actor, settings, clock, mailoutbox):
    settings.TRAIL_ANCHOR_URL, settings.TRAIL_ANCHOR_EMAIL = MAILTO, "auditor@example.com"
    next_day(actor, clock)
    next_day(actor, clock)
    assert feed_anchors() == 1  # from the newest one on: it names the one before
    assert feed_anchors() == 0
    next_day(actor, clock)
    feed_anchors()
    assert [message.to for message in mailoutbox] == [["auditor@example.com"]] * 2
    body = mailoutbox[1].body
    seal = TrailSeal.objects.last()
    for fact in (str(seal.number), str(seal.day), seal.sha256):
        assert body.count(fact) >= 2  # in both languages
    assert f"daily-list-3-{seal.sha256[:16]}@" in mailoutbox[1].extra_headers["Message-ID"]


def test_an_email_that_fails_is_tried_again(actor, settings, clock, mailoutbox, monkeypatch):
    settings.TRAIL_ANCHOR_URL, settings.TRAIL_ANCHOR_EMAIL = MAILTO, "auditor@example.com"
    next_day(actor, clock)
    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMultiAlternatives, "send", refused)
        assert feed_anchors() is None
    assert TrailAnchor.objects.get().error == "ConnectionRefusedError: "
    assert feed_anchors() == 1
    assert len(mailoutbox) == 1


def refused(_message) -> None:
    raise ConnectionRefusedError


def test_a_restored_copy_feeds_no_anchor(actor, anchor, clock):
    next_day(actor, clock)
    SendingHold.objects.create(since=timezone.now())
    assert feed_anchors() == 0
    assert not anchor.exists()


def test_without_an_anchor_there_is_nothing_to_compare(actor, settings):
    assert feed_anchors() == 0
    with pytest.raises(CommandError, match="TRAIL_ANCHOR_URL names no storage"):
        told("--anchor")
