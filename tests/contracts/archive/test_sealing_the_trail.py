"""Once a day the ends of the trails are listed and signed with the contract seal: none can be cut off unseen."""

import hashlib
import io
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from contracts.models import AuditEvent, TrailSeal
from contracts.sealing import SealUnavailable
from contracts.sealing.detached import sign_detached, validate_detached
from contracts.services import edit_remarks
from contracts.tasks import seal_audit_trail
from contracts.trail.daily_seals import path_of, seal_trails
from tests.factories import UserFactory, draft, official
from tests.tampering import guards_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.usefixtures("clock")]


def list_of(seal: TrailSeal, files: Path) -> list[str]:
    return (files / path_of(seal.sha256)).read_text().splitlines()


def head_of(contract) -> str:
    last = contract.events.last()
    return f"{contract.number} {last.position} {last.hash}"


def test_the_list_has_the_head_of_every_trail_that_grew(actor, files):
    contracts = [official(actor), draft(actor)]
    seal = seal_trails(now=timezone.now())
    assert list_of(seal, files) == [
        "heads of audit trails, format 1",
        "day 2026-11-22",
        "previous -",
        *(head_of(contract) for contract in contracts),
    ]
    assert (seal.contracts, seal.last_event) == (2, AuditEvent.objects.last().pk)
    assert hashlib.sha256((files / path_of(seal.sha256)).read_bytes()).hexdigest() == seal.sha256


def test_a_stranger_checks_the_signature_with_openssl(actor, files, settings, tmp_path):
    draft(actor)
    seal = seal_trails(now=timezone.now())
    root = Path(settings.SEAL_P12).with_name("ca.pem")
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile", str(root)]
    command += ["-in", str(files / path_of(seal.signature_sha256)), "-content", str(files / path_of(seal.sha256))]
    command += ["-attime", str(int(seal.sealed_at.timestamp())), "-out", str(tmp_path / "list")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (files / path_of(seal.sha256)).write_text("another list")
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
    assert list_of(two, files)[2:] == [f"previous {one.sha256}", head_of_first(first), head_of(second)]
    assert list_of(three, files)[2:] == [f"previous {two.sha256}", head_of(first), head_of(second)]


def head_of_first(contract) -> str:
    event = contract.events.first()
    return f"{contract.number} 1 {event.hash}"


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
            assert contract.number not in "".join(list_of(seal_trails(now=timezone.now()), files))
    AuditEvent(**late).save(force_insert=True)
    clock.shift(timedelta(days=1))
    assert head_of(contract) in list_of(seal_trails(now=timezone.now()), files)


def test_a_day_is_sealed_once(actor):
    draft(actor)
    assert seal_trails(now=timezone.now())
    draft(actor)
    assert seal_trails(now=timezone.now()) is None
    seal_audit_trail()
    assert TrailSeal.objects.count() == 1


def test_of_two_workers_at_once_one_seals(actor, monkeypatch):
    """The other has looked before, and finds the day taken when it registers its own."""
    draft(actor)

    def meanwhile(content):
        monkeypatch.setattr("contracts.trail.daily_seals.sign_detached", sign_detached)
        assert seal_trails(now=timezone.now())
        return sign_detached(content)

    monkeypatch.setattr("contracts.trail.daily_seals.sign_detached", meanwhile)
    assert seal_trails(now=timezone.now()) is None
    assert TrailSeal.objects.count() == 1


def test_without_a_seal_it_is_tried_again(actor, settings, caplog):
    draft(actor)
    path, settings.SEAL_P12 = settings.SEAL_P12, "/nowhere/seal.p12"
    seal_audit_trail()
    assert "could not be sealed" in caplog.text
    assert not TrailSeal.objects.exists()
    settings.SEAL_P12 = path
    seal_audit_trail()
    assert TrailSeal.objects.exists()


def test_statements_do_not_grow_with_the_trails(actor, django_assert_num_queries):
    for _ in range(3):
        draft(actor)
    with django_assert_num_queries(9):
        seal_trails(now=timezone.now())


def test_a_signature_is_over_its_content_and_ours(tmp_path):
    signature = sign_detached(io.BytesIO(b"content"))
    validate_detached(io.BytesIO(b"content"), signature, at=timezone.now())
    with pytest.raises(SealUnavailable, match="does not match"):
        validate_detached(io.BytesIO(b"Content"), signature, at=timezone.now())
    with pytest.raises(SealUnavailable, match="cannot be read"):
        validate_detached(io.BytesIO(b"content"), b"nothing", at=timezone.now())


def test_staff_are_told_when_it_is_late(actor, clock):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_contract"))
    client = Client()
    client.force_login(staff)
    draft(actor)
    seal_trails(now=timezone.now())
    assert "the trail of 1 contract" in client.get("/admin/").text
    clock.shift(timedelta(days=2, seconds=1))
    assert "The audit trail was last sealed for 2026-11-22" in client.get("/admin/").text


def test_the_database_refuses_to_change_a_seal(actor):
    draft(actor)
    seal_trails(now=timezone.now())
    with pytest.raises(IntegrityError, match="kept"), transaction.atomic():
        TrailSeal.objects.update(contracts=0)
    with guards_lifted():
        assert TrailSeal.objects.update(contracts=0) == 1
