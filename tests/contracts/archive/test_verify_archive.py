"""manage.py verify_archive says exactly what is wrong with the archive, and nothing where all is sound."""

import re
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from config.environment import storage
from contracts.models import ContractDocument
from contracts.services import approve_void, request_void
from contracts.trail import chain
from tests.contracts.archive.asking import file_of, told
from tests.factories import draft, member, official, staff
from tests.tampering import guards_lifted, tamper

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R27"), pytest.mark.usefixtures("clock")]
Kind = ContractDocument.Kind


@pytest.mark.rule("R3")
def test_a_sound_archive_is_sound(actor, contract):
    voided = official(actor)
    ticket = request_void(contract=voided, reason="wrong company", by=actor)
    approve_void(ticket=ticket, by=staff())
    wrong, summary = told()
    assert wrong == []
    assert summary == "2 contracts, 5 files, 8 events, 1 daily lists, 0 stamps: all sound."


def test_nothing_kept_is_sound():
    assert told() == ([], "0 contracts, 0 files, 0 events, 0 daily lists, 0 stamps: all sound.")


@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.OFFICIAL])
def test_a_file_that_is_missing_or_changed_is_named(contract, files, kind):
    path = file_of(contract, kind, files)
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    [wrong] = told()[0]
    assert contract.number in wrong
    assert f"{kind.label}: stored as registered: The stored document does not match its registered checksum" in wrong
    path.unlink()
    [wrong] = told()[0]
    assert f"{kind.label}: stored as registered: The document cannot be read" in wrong


def test_every_file_that_is_not_registered_is_named(actor):
    contract = official(actor)
    approve_void(ticket=request_void(contract=contract, reason="wrong company", by=actor), by=staff())
    tamper("DELETE FROM contracts_contractdocument WHERE contract_id = %s", contract.pk)
    wrong = [line.split("  ")[2] for line in told()[0]]
    assert wrong[:3] == [f"{kind.label}: registered: It is missing." for kind in Kind]
    assert [line.split(":")[0] for line in wrong[3:]] == ["Every sealed file in the storage is registered"] * 2


@pytest.mark.rule("R3")
def test_another_contracts_file_under_this_ones_row_is_found(actor, contract):
    other = official(actor)
    document = contract.documents.get(kind=Kind.OFFICIAL)
    foreign = other.documents.get(kind=Kind.OFFICIAL)
    tamper(
        "UPDATE contracts_contractdocument SET sha256 = %s, size = %s WHERE id = %s",
        foreign.sha256,
        foreign.size,
        document.pk,
    )
    wrong = told()[0]
    assert any("does not begin with the draft" in line for line in wrong)
    assert any("each file as it is registered: These differ: Official: SHA-256, size" in line for line in wrong)
    assert all(contract.number in line or document.sha256 in line for line in wrong)


def test_a_size_that_is_not_the_files_is_found(contract):
    document = contract.documents.get(kind=Kind.DRAFT)
    tamper("UPDATE contracts_contractdocument SET size = size + 1 WHERE id = %s", document.pk)
    wrong = told()[0]
    assert any(f"It has {document.size} bytes, but {document.size + 1} are registered" in line for line in wrong)
    assert any("each file as it is registered: These differ: Draft: size." in line for line in wrong)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            "UPDATE contracts_auditevent SET source = 'api' WHERE position = 2",
            "Event 2 was changed",
        ),
        ("UPDATE contracts_auditevent SET data = '{}' WHERE position = 1", "Event 1 was changed"),
        ("UPDATE contracts_auditevent SET actor_id = 0 WHERE position = 3", "Event 3 was changed"),
        ("DELETE FROM contracts_auditevent WHERE position = 2", "Event 2 is missing"),
        ("UPDATE contracts_auditevent SET position = 7 WHERE position = 2", "Event 2 is missing"),
    ],
)
def test_an_event_that_was_changed_or_taken_out_is_found(contract, change, says):
    tamper(change)
    wrong = told()[0]
    assert any(f"{contract.number}  The audit trail is complete" in line and says in line for line in wrong)


def test_an_event_that_was_changed_with_its_hash_is_found_by_the_next(contract):
    event = contract.events.get(position=2)
    event.source = "api"
    forged = chain.digest(event, contract.number)
    tamper("UPDATE contracts_auditevent SET source = 'api', hash = %s WHERE id = %s", forged, event.pk)
    wrong = told()[0]
    assert any("Event 3 does not follow the previous one" in line for line in wrong)


def test_one_contract_or_those_since_a_day_are_checked_alone(actor, contract, files, clock):
    file_of(contract, Kind.DRAFT, files).unlink()
    clock.shift(timedelta(days=1))
    other = draft(actor)
    assert told("--contract", other.number)[0] == []
    assert len(told("--contract", contract.number)[0]) == 1
    assert told("--since", "2026-11-23")[0] == []
    assert len(told("--since", "2026-11-22")[0]) == 1
    with pytest.raises(CommandError, match="There is no contract EC0"):
        call_command("verify_archive", "--contract", "EC0")
    with pytest.raises(CommandError, match="is not a date"):
        call_command("verify_archive", "--since", "yesterday")


def test_a_contract_that_was_brought_back_to_life_is_found(actor):
    """Its status and times are no snapshot, so the database lets them change; the trail knows better."""
    contract = official(actor)
    approve_void(ticket=request_void(contract=contract, reason="wrong company", by=actor), by=staff())
    row = "SET status = 'official', voided_at = NULL, void_reason = ''"
    tamper(f"UPDATE contracts_contract {row} WHERE id = %s", contract.pk)
    tamper("UPDATE contracts_contractorder SET released_at = NULL WHERE contract_id = %s", contract.pk)
    [line] = [line for line in told()[0] if "The audit trail records how the contract reached its status" in line]
    assert line.startswith(f"WRONG  {contract.number} ")
    assert line.endswith(": Voided, status.")


@pytest.mark.parametrize("column", ["applied_at", "official_at"])
def test_a_time_that_was_changed_is_found(actor, column):
    contract = official(actor)
    earlier = contract.applied_at - timedelta(days=1)
    later = contract.official_at + timedelta(days=1)
    at = earlier if column == "applied_at" else later
    tamper(f"UPDATE contracts_contract SET {column} = %s WHERE id = %s", at, contract.pk)
    assert any("Contract and trail disagree" in line for line in told()[0])


def test_a_payment_request_that_was_prolonged_is_found(actor):
    contract = draft(actor, type="payment_request", count=2)
    later = contract.expires_at + timedelta(days=90)
    tamper("UPDATE contracts_contract SET expires_at = %s, valid_until = %s WHERE id = %s", later, later, contract.pk)
    wrong = told()[0]
    assert any(
        f"{contract.number}  It expires at the earliest payment deadline of its orders" in line for line in wrong
    )
    assert any(f"{contract.number}  The contract's content is as it was drafted" in line for line in wrong)


def test_a_database_that_refuses_nothing_is_told(actor):
    draft(actor)
    with guards_lifted():
        wrong, _summary = told()
    assert len(wrong) == len(set(wrong)) >= 12
    assert any(re.search(r"permanent_auditevent_deleted_\w+ is missing: run manage.py migrate", line) for line in wrong)


def test_a_seal_that_cannot_be_read_is_told_once(actor, settings):
    [official(actor), official(actor)]
    settings.SEAL_P12 = "/nowhere/seal.p12"
    with pytest.raises(CommandError, match=r"/nowhere/seal\.p12 cannot be read"):
        told()


def test_a_process_that_is_killed_is_told_and_not_waited_for(monkeypatch):
    def killed(*args, **kwargs):
        raise BrokenProcessPool

    monkeypatch.setattr("contracts.management.commands.verify_archive.check_contracts", killed)
    with pytest.raises(CommandError, match="A process was killed"):
        told()


def test_files_that_no_row_names_are_told_and_harm_nothing(contract, files):
    orphan = files / "documents" / "00" / f"{'0' * 64}.pdf"
    orphan.parent.mkdir(exist_ok=True, parents=True)
    orphan.write_bytes(file_of(contract, Kind.DRAFT, files).read_bytes())
    out = StringIO()
    call_command("verify_archive", "--processes", "1", "--orphans", stdout=out)
    assert f"No row names documents/00/{orphan.name}" in out.getvalue()
    orphan.unlink()


def test_a_storage_without_any_document_has_no_such_files(db, settings, tmp_path):
    settings.STORAGES = {**settings.STORAGES, "default": storage(f"file://{tmp_path}/new")}
    out = StringIO()
    call_command("verify_archive", "--processes", "1", "--orphans", stdout=out)
    assert "No row names" not in out.getvalue()


def test_a_database_that_is_away_is_told_in_a_sentence(monkeypatch):
    def away(**options):
        raise OperationalError("connection refused")

    monkeypatch.setattr("contracts.management.commands.verify_archive._chosen", lambda number, since: away())
    with pytest.raises(CommandError, match="The database is not available: connection refused"):
        call_command("verify_archive")


@pytest.mark.django_db(transaction=True)
def test_several_processes_find_the_same(issuer, files, clock, monkeypatch):
    monkeypatch.setattr("contracts.trail.check_archive.CONTRACTS_PER_BATCH", 2)
    monkeypatch.setattr("contracts.management.commands.verify_archive.CONTRACTS_PER_BATCH", 2)
    actor = member()
    contracts = [draft(actor) for _ in range(5)]
    file_of(contracts[3], Kind.DRAFT, files).unlink()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_archive", "--processes", "2", stdout=out)
    wrong = [line.split()[1] for line in out.getvalue().splitlines() if line.startswith("WRONG")]
    assert wrong == [contracts[3].number]
    assert "5 contracts, 5 files, 5 events" in out.getvalue()
