"""Once a day documents and ends of trails are listed and signed with the contract seal: none is cut off unseen."""

import hashlib
import io
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contracts.models import AuditEvent, ContractDocument, SealKey, TrailSeal
from contracts.sealing import SealUnavailable
from contracts.sealing.detached import sign_detached, validate_detached
from contracts.sealing.trust import trust
from contracts.services import edit_remarks
from contracts.tasks import seal_audit_trail
from contracts.trail.daily_seals import seal_trails
from contracts.trail.list_files import path_of, signature_path_of
from tests.contracts.archive.asking import told
from tests.factories import UserFactory, draft, official
from tests.tampering import guards_lifted, tamper

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.usefixtures("clock")]


def file_of(seal: TrailSeal, files: Path) -> Path:
    return files / path_of(seal.number, seal.sha256)


def list_of(seal: TrailSeal, files: Path) -> list[str]:
    return file_of(seal, files).read_text().splitlines()


def heads_of(seal: TrailSeal, files: Path) -> list[str]:
    return [line for line in list_of(seal, files) if line.startswith("head ")]


def head_of(contract) -> str:
    last = contract.events.last()
    return f"head {contract.number} {last.position} {last.hash}"


def lines_of_documents(*contracts) -> list[str]:
    documents = ContractDocument.objects.filter(contract__in=contracts).order_by("pk")
    return [f"document {one.contract.number} {one.kind} {one.sha256}" for one in documents]


def test_the_list_has_the_key_each_document_and_the_head_of_every_trail_that_grew(actor, files):
    contracts = [official(actor), draft(actor)]
    seal = seal_trails(now=timezone.now())
    assert list_of(seal, files) == [
        "daily list, format 2",
        "number 1",
        "day 2026-11-22",
        "sealed 2026-11-22T04:00:00.000000+00:00",
        "previous -",
        f"events {AuditEvent.objects.last().pk}",
        f"documents {ContractDocument.objects.last().pk}",
        f"key {SealKey.objects.get().fingerprint}",
        *lines_of_documents(*contracts),
        *(head_of(contract) for contract in contracts),
    ]
    assert (seal.number, seal.previous, seal.documents, seal.contracts) == (1, "", 3, 2)
    assert hashlib.sha256(file_of(seal, files).read_bytes()).hexdigest() == seal.sha256


def test_a_stranger_checks_the_signature_with_openssl(actor, files, settings, tmp_path):
    draft(actor)
    seal = seal_trails(now=timezone.now())
    root = Path(settings.SEAL_P12).with_name("ca.pem")
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile", str(root)]
    command += ["-in", str(files / signature_path_of(seal.number, seal.sha256)), "-content", str(file_of(seal, files))]
    command += ["-attime", str(int(seal.sealed_at.timestamp())), "-out", str(tmp_path / "list")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    file_of(seal, files).write_text("another list")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_each_list_names_the_one_before_and_covers_two_days(actor, files, clock):
    first = draft(actor)
    one = seal_trails(now=timezone.now())
    clock.shift(timedelta(days=1))
    second = draft(actor)
    two = seal_trails(now=timezone.now())
    clock.shift(timedelta(days=1))
    edit_remarks(contract=first, remarks="again", by=actor)
    three = seal_trails(now=timezone.now())
    assert [seal.number for seal in (one, two, three)] == [1, 2, 3]
    assert f"previous {one.sha256}" in list_of(two, files)
    assert (two.previous, three.previous) == (one.sha256, two.sha256)
    drafted = first.events.first()
    assert heads_of(two, files) == [f"head {first.number} 1 {drafted.hash}", head_of(second)]
    assert heads_of(three, files) == [head_of(first), head_of(second)]
    assert (two.documents, three.documents) == (2, 1)


def test_an_event_that_is_committed_late_is_sealed_by_a_later_list(actor, files, clock):
    """Its transaction was open over two seals, which came seconds apart on either side of midnight."""
    draft(actor)
    seal_trails(now=timezone.now())
    clock.shift(timedelta(days=2))
    contract = draft(actor)
    late = AuditEvent.objects.filter(contract=contract).values().get()
    draft(actor)
    with guards_lifted():
        AuditEvent.objects.filter(pk=late["id"])._raw_delete("default")  # nobody sees it before the commit
        for at in ("2026-11-25T23:59:59Z", "2026-11-26T00:00:01Z"):
            clock.move_to(at)
            assert f"head {contract.number}" not in "".join(list_of(seal_trails(now=timezone.now()), files))
    AuditEvent(**late).save(force_insert=True)
    clock.shift(timedelta(days=1))
    assert head_of(contract) in list_of(seal_trails(now=timezone.now()), files)


@pytest.mark.rule("R38")
def test_a_document_that_is_committed_late_is_no_defect(actor, files, clock):
    """Its transaction was open over two lists, which came seconds apart on either side of midnight."""
    draft(actor)
    seal_trails(now=timezone.now())
    clock.move_to("2026-11-25T23:59:50Z")
    late = draft(actor).documents.get()
    draft(actor)
    with guards_lifted():
        ContractDocument.objects.filter(pk=late.pk)._raw_delete("default")  # nobody sees it before the commit
        for at in ("2026-11-25T23:59:59Z", "2026-11-26T00:00:01Z"):
            clock.move_to(at)
            seal_trails(now=timezone.now())
    late.save(force_insert=True)
    assert told()[0] == []
    clock.shift(timedelta(days=1))
    assert lines_of_documents(late.contract)[0] in list_of(seal_trails(now=timezone.now()), files)
    assert told()[0] == []


def test_a_day_is_sealed_once(actor):
    draft(actor)
    assert seal_trails(now=timezone.now())
    draft(actor)
    assert seal_trails(now=timezone.now()) is None
    seal_audit_trail()
    assert TrailSeal.objects.count() == 1


def test_of_two_workers_at_once_one_seals(actor, monkeypatch, files):
    """The other comes while the list is signed, and leaves no signed list without a row."""
    draft(actor)

    def meanwhile(content, **options):
        assert seal_trails(now=timezone.now()) is None
        return sign_detached(content, **options)

    monkeypatch.setattr("contracts.trail.daily_seals.sign_detached", meanwhile)
    assert seal_trails(now=timezone.now())
    assert TrailSeal.objects.count() == 1
    assert len(list((files / "trail" / "lists").iterdir())) == 2


@pytest.mark.rule("R38")
def test_a_run_that_was_interrupted_before_its_row_is_finished_by_the_next(actor, files, clock, monkeypatch):
    draft(actor)
    with monkeypatch.context() as patch:
        patch.setattr("contracts.trail.daily_seals._register", interrupted)
        with pytest.raises(KeyboardInterrupt):
            seal_trails(now=timezone.now())
    assert "Every signed daily list in the storage is registered" in told()[0][0]
    clock.shift(timedelta(days=1))
    official(actor)
    seal_trails(now=timezone.now())
    assert [(seal.number, str(seal.day)) for seal in TrailSeal.objects.all()] == [(1, "2026-11-22"), (2, "2026-11-23")]
    assert told()[0] == []


def interrupted(*_arguments) -> None:
    raise KeyboardInterrupt


@pytest.mark.rule("R38")
def test_no_list_takes_the_number_of_one_that_the_database_lost(actor, contract, clock, files):
    """It went back to before the second list, with the trail that this one lists: that stays to be seen."""
    clock.shift(timedelta(days=1))
    edit_remarks(contract=contract, remarks="gone soon", by=actor)
    lost = seal_trails(now=timezone.now())
    tamper("DELETE FROM contracts_trailseal WHERE number = 2")
    tamper("DELETE FROM contracts_auditevent WHERE contract_id = %s AND position = 4", contract.pk)
    clock.shift(timedelta(days=1))
    draft(actor)
    assert seal_trails(now=timezone.now()).number == 3
    wrong = "\n".join(told()[0])
    assert "Daily list 2  The daily lists are numbered without a gap" in wrong
    assert (
        f"Daily list 2 of 2026-11-23  Every signed daily list in the storage is registered: {path_of(2, lost.sha256)}"
        in wrong
    )


def test_without_a_seal_it_is_tried_again(actor, settings, caplog):
    draft(actor)
    path, settings.SEAL_P12 = settings.SEAL_P12, "/nowhere/seal.p12"
    seal_audit_trail()
    assert "could not be sealed" in caplog.text
    assert not TrailSeal.objects.exists()
    settings.SEAL_P12 = path
    seal_audit_trail()
    assert TrailSeal.objects.exists()


def test_statements_do_not_grow_with_the_trails(actor, clock):
    def statements(count: int) -> int:
        clock.shift(timedelta(days=2))
        for _ in range(count):
            draft(actor)
        with CaptureQueriesContext(connection) as captured:
            seal_trails(now=timezone.now())
        return len(captured)

    statements(1)
    assert statements(1) == statements(5) <= 18


def test_a_signature_is_over_its_content_and_ours(tmp_path):
    signature = sign_detached(io.BytesIO(b"content"))
    how = {"trusted": trust(), "at": timezone.now()}
    validate_detached(io.BytesIO(b"content"), signature, **how)
    with pytest.raises(SealUnavailable, match="does not match"):
        validate_detached(io.BytesIO(b"Content"), signature, **how)
    with pytest.raises(SealUnavailable, match="cannot be read"):
        validate_detached(io.BytesIO(b"content"), b"nothing", **how)


def test_staff_are_told_when_it_is_late(actor, clock):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_contract"))
    client = Client()
    client.force_login(staff)
    draft(actor)
    seal_trails(now=timezone.now())
    assert "the trail of 1 contract" in client.get("/admin/").text
    assert "The list has no timestamp." in client.get("/admin/").text
    clock.shift(timedelta(days=2, seconds=1))
    assert "The audit trail was last sealed for 2026-11-22" in client.get("/admin/").text


def test_the_database_refuses_to_change_a_seal(actor):
    draft(actor)
    seal_trails(now=timezone.now())
    with pytest.raises(IntegrityError, match="permanent"), transaction.atomic():
        TrailSeal.objects.update(contracts=0)
    with guards_lifted():
        assert TrailSeal.objects.update(contracts=0) == 1
