"""Each daily list gets a timestamp, which is renewed before its certificates end; nothing is faked without a server."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from contracts.health.evidence_health import evidence_warnings
from contracts.models import EvidenceStamp
from contracts.sealing import SealUnavailable
from contracts.tasks import seal_audit_trail
from contracts.trail.daily_seals import seal_trails
from contracts.trail.merkle import leaf_hash, root_over
from contracts.trail.renewal import stamping
from contracts.trail.renewal.proof import proof_of
from contracts.trail.renewal.stamping import renew, stamp_new_lists
from tests.contracts.archive.asking import said, told
from tests.factories import draft, official

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R38"), pytest.mark.usefixtures("clock")]
DAY, YEAR = timedelta(days=1), timedelta(days=365)


def test_a_list_is_stamped_when_it_is_sealed(actor, stamp_server):
    draft(actor)
    seal_audit_trail()
    stamp = EvidenceStamp.objects.get()
    assert (stamp.number, stamp.first_list, stamp.last_list, stamp.stamped_at) == (1, 1, 1, timezone.now())
    assert told()[0] == []
    seal_audit_trail()
    assert stamp_server.requests == 1


def test_without_a_server_there_is_none(actor, settings):
    contract = draft(actor)
    seal_audit_trail()
    assert not EvidenceStamp.objects.exists()
    assert proof_of(contract.documents.get().sha256).stamps == ()
    assert list(evidence_warnings(now=timezone.now() + 9 * DAY)) == []
    with pytest.raises(CommandError, match="SEAL_TSA_URL"):
        call_command("renew_evidence")


def test_a_list_is_sealed_while_the_server_fails_and_stamped_later(actor, stamp_server, clock, caplog):
    unit, stamp_server.unit = stamp_server.unit, None
    for _day in range(3):
        draft(actor)
        seal_audit_trail()
        clock.shift(DAY)
    assert "could not be stamped" in caplog.text
    assert not EvidenceStamp.objects.exists()
    [warning] = evidence_warnings(now=timezone.now())
    assert "Daily list 1 and later ones have no timestamp" in warning
    stamp_server.unit = unit
    seal_audit_trail()
    stamp = EvidenceStamp.objects.get()
    assert (stamp.first_list, stamp.last_list) == (1, 4)
    assert list(evidence_warnings(now=timezone.now())) == told()[0] == []


def test_a_stamp_is_renewed_once_a_year_before_its_certificates_end(actor, stamp_server, clock, files):
    for _day in range(2):
        draft(actor)
        seal_audit_trail()
        clock.shift(DAY)
    ends_at = EvidenceStamp.objects.first().ends_at
    before = {path: path.read_bytes() for path in (files / "documents").rglob("*.pdf")}
    clock.move_to(ends_at - YEAR - DAY)
    assert said("renew_evidence") == f"No renewal is due before {ends_at - YEAR:%Y-%m-%d}.\n"
    clock.move_to(ends_at - YEAR + DAY)
    assert [f"end on {ends_at:%Y-%m-%d}" in warning for warning in evidence_warnings(now=timezone.now())] == [True]
    stamp_server.use(ends=10 * YEAR)
    assert "stamp 3 covers the daily lists 1 to 2" in said("renew_evidence")
    assert "No renewal is due" in said("renew_evidence")
    assert list(evidence_warnings(now=timezone.now())) == []
    clock.move_to(ends_at + YEAR)
    assert told()[0] == []
    assert {path: path.read_bytes() for path in (files / "documents").rglob("*.pdf")} == before


def test_a_stamp_that_was_not_renewed_in_time_is_told(actor, stamp_server, clock):
    draft(actor)
    seal_audit_trail()
    ends_at = EvidenceStamp.objects.get().ends_at
    clock.move_to(ends_at + DAY)
    [wrong] = told()[0]
    assert "Stamp 1 of the daily lists 1 to 1  The timestamp was valid until it was renewed" in wrong
    stamp_server.use(ends=10 * YEAR)
    renew(now=timezone.now())
    assert "Stamp 1 of" in told()[0][0]  # too late


def test_a_server_of_short_certificates_is_not_asked_again_and_again(actor, stamp_server, clock):
    stamp_server.use(ends=timedelta(days=90))
    draft(actor)
    seal_audit_trail()
    assert renew(now=timezone.now()) is None
    clock.shift(timedelta(days=46))
    assert renew(now=timezone.now()).number == 2
    assert renew(now=timezone.now()) is None


def test_all_lists_are_renewed_at_once_where_an_algorithm_ends(actor, stamp_server, clock):
    for _day in range(2):
        draft(actor)
        seal_audit_trail()
        clock.shift(DAY)
    draft(actor)
    seal_trails(now=timezone.now())
    said("renew_evidence", "--all")
    rows = EvidenceStamp.objects.values_list("number", "first_list", "last_list")
    assert list(rows) == [(1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 1, 3)]
    assert told()[0] == []


def test_a_renewal_that_fails_or_is_interrupted_leaves_nothing_half_done(actor, stamp_server, clock, monkeypatch):
    draft(actor)
    seal_audit_trail()
    clock.move_to(EvidenceStamp.objects.get().renew_at)
    unit, stamp_server.unit = stamp_server.unit, None
    with pytest.raises(SealUnavailable):
        renew(now=timezone.now())
    stamp_server.unit = unit
    with monkeypatch.context() as patch:
        patch.setattr(stamping, "_register", interrupted)
        with pytest.raises(KeyboardInterrupt):
            renew(now=timezone.now())
    assert "Every stamp in the storage is registered" in told()[0][0]
    requests = stamp_server.requests
    assert renew(now=timezone.now()).number == 2
    assert stamp_server.requests == requests  # what was paid for is used
    assert told()[0] == []


def interrupted(*_arguments) -> None:
    raise KeyboardInterrupt


def test_the_path_leads_from_a_document_to_every_stamp(actor, stamp_server, clock):
    contracts = [official(actor) for _ in range(3)]
    sha256 = contracts[1].documents.get(kind="official").sha256
    assert proof_of(sha256) is None
    seal_audit_trail()
    clock.shift(DAY)
    draft(actor)
    seal_audit_trail()
    renew(now=timezone.now(), all_lists=True)
    proof = proof_of(sha256)
    assert proof.leaf == f"document {contracts[1].number} official {sha256}"
    assert (proof.list_number, proof.day) == (1, date(2026, 11, 22))
    assert root_over(leaf_hash(proof.leaf.encode()), proof.path) == proof.root
    assert [stamp.number for stamp in proof.stamps] == [1, 3]
    for stamp in proof.stamps:
        assert root_over(leaf_hash(proof.leaf.encode()), [*proof.path, *stamp.path]) == stamp.root
        assert stamp.root == EvidenceStamp.objects.get(number=stamp.number).root
    assert proof_of("0" * 64) is None


def test_two_workers_do_not_stamp_twice(actor, stamp_server, monkeypatch):
    draft(actor)
    seal_trails(now=timezone.now())
    request = stamping.request_stamp

    def meanwhile(root: str) -> bytes:
        assert stamp_new_lists() is None
        return request(root)

    monkeypatch.setattr(stamping, "request_stamp", meanwhile)
    assert stamp_new_lists()
    assert stamp_server.requests == 1
