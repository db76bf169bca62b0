"""Each way to change the database or the storage that docs/tampering.md lists is found by the check it names."""

import hashlib
import io
import re
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection
from django.utils import timezone

from contracts.models import AuditEvent, Contract, ContractDocument, EvidenceStamp, SealKey, TrailSeal
from contracts.sealing.detached import sign_detached
from contracts.services import edit_remarks
from contracts.tasks import seal_audit_trail
from contracts.trail import chain, list_files
from contracts.trail.guard_triggers import installed_triggers
from contracts.trail.renewal import stamp_files
from contracts.trail.renewal.stamping import renew
from tests.contracts.archive.asking import file_of, told
from tests.contracts.sealing.conftest import make_authority
from tests.contracts.sealing.tsa import Unit
from tests.factories import draft, official
from tests.tampering import guards_lifted
from tests.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R38"), pytest.mark.rule("R27")]
PAGE = Path(__file__).resolve().parents[3] / "docs" / "tampering.md"
ROW = re.compile(r"^\| (\*\*\d.*) \| \*(\w.+?)\*", re.MULTILINE)
CHECKS = {
    int(number): check for cell, check in ROW.findall(PAGE.read_text()) for number in re.findall(r"\*\*(\d+)", cell)
}
"""The check that finds a change, by the change's number on the page."""


@dataclass
class Archive:
    """Three days: a list and a stamp each; the fourth stamp renews all lists."""

    files: Path
    contract: Contract
    """Official since the first day, with a third event of the second day."""
    free_id: int = 0
    """Of no document, and between those of the first day and of the second."""
    free_event: int = 0
    """Likewise of no event."""

    def list_file(self, number: int) -> Path:
        return self.files / list_files.path_of(number, TrailSeal.objects.get(number=number).sha256)

    def stamp_file(self, number: int) -> Path:
        return self.files / stamp_files.path_of(number, EvidenceStamp.objects.get(number=number).sha256)

    def document(self, kind: str) -> Path:
        return file_of(self.contract, ContractDocument.Kind(kind), self.files)


Way = Callable[[Archive], object]
WAYS: dict[int, Way] = {}
"""By the number in the page."""


def way(number: int) -> Callable[[Way], Way]:
    def add(change: Way) -> Way:
        WAYS[number] = change
        return change

    return add


def sql(number: int, statement: str, *, only: str = "") -> None:
    """A way of one statement. `only`: the engine that has it."""
    if only in ("", connection.vendor):
        WAYS[number] = lambda _archive: execute(statement)


def execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)


sql(1, "UPDATE contracts_auditevent SET source = 'api' WHERE position = 2")
sql(2, "DELETE FROM contracts_auditevent WHERE position = 1")
sql(3, "DELETE FROM contracts_auditevent WHERE position = 3")
sql(5, "DELETE FROM contracts_contractdocument WHERE kind = 'official'")
sql(12, "DELETE FROM contracts_trailseal WHERE number = 3")
sql(13, "DELETE FROM contracts_trailseal WHERE number = 2")
sql(14, "UPDATE contracts_trailseal SET previous = sha256 WHERE number = 2")
sql(15, "UPDATE contracts_trailseal SET root = sha256 WHERE number = 2")
sql(16, "UPDATE contracts_trailseal SET sealed_at = '2026-11-23 05:00:00+00:00' WHERE number = 2")
sql(17, "UPDATE contracts_trailseal SET last_event = last_event + 1000 WHERE number = 3")
sql(18, "DELETE FROM contracts_evidencestamp WHERE number = 2")
sql(19, "DELETE FROM contracts_evidencestamp WHERE number = 4")
sql(20, "UPDATE contracts_evidencestamp SET renew_at = '2099-01-01 00:00:00+00:00'")
sql(21, "UPDATE contracts_evidencestamp SET last_list = 2 WHERE number = 4")
sql(24, "CREATE TRIGGER aa BEFORE INSERT ON contracts_contract BEGIN SELECT 1; END", only="sqlite")
sql(25, "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE contracts_auditevent DISABLE TRIGGER USER", only="postgresql")
sql(26, "SET LOCAL session_replication_role = replica", only="postgresql")
sql(
    27,
    "CREATE OR REPLACE FUNCTION contracts_refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$",
    only="postgresql",
)
GUARDS = range(22, 28)
"""Ways that change the guards themselves, which are lifted for the others."""


@way(4)
def the_whole_trail_is_made_anew(archive: Archive) -> None:
    previous = ""
    for event in AuditEvent.objects.filter(contract=archive.contract).order_by("position"):
        event.source, event.previous = "api", previous
        previous = chain.digest(event, archive.contract.number)
        statement = "UPDATE contracts_auditevent SET source = 'api', previous = %s, hash = %s WHERE id = %s"
        execute(statement, event.previous, previous, event.pk)


@way(6)
def a_contract_is_removed_with_all_its_rows(archive: Archive) -> None:
    for table in ("auditevent", "contractdocument", "contractorder", "contractsearch", "sealuse"):
        execute(f"DELETE FROM contracts_{table} WHERE contract_id = %s", archive.contract.pk)
    execute("DELETE FROM contracts_contract WHERE id = %s", archive.contract.pk)


@way(7)
def a_document_is_slipped_in_under_an_old_id(archive: Archive) -> None:
    facts = {"kind": "void_certificate", "sha256": "ab" * 32, "size": 1, "pages": 1}
    at = archive.contract.official_at
    ContractDocument(id=archive.free_id, contract=archive.contract, created_at=at, **facts).save(force_insert=True)


@way(8)
def a_document_is_dated_back(archive: Archive) -> None:
    newest = ContractDocument.objects.last()
    execute(
        "UPDATE contracts_contractdocument SET created_at = %s WHERE id = %s", archive.contract.applied_at, newest.pk
    )


@way(9)
def an_event_hides_from_the_lists(archive: Archive) -> None:
    newest = AuditEvent.objects.last()
    assert newest.kind == "drafted"
    execute("UPDATE contracts_auditevent SET id = %s WHERE id = %s", archive.free_event, newest.pk)


sql(10, "DELETE FROM contracts_sealkey")


@way(11)
def a_key_is_added_as_if_it_had_been_ours(archive: Archive) -> None:
    SealKey.objects.create(
        fingerprint="ab" * 32, certificate="", subject="", first_sealed_at=archive.contract.applied_at
    )


def name_of_guard() -> str:
    return next(
        name for name, _table in installed_triggers(connection) if name.startswith("permanent_auditevent_deleted")
    )


@way(22)
def a_trigger_is_dropped(archive: Archive) -> None:
    execute(f"DROP TRIGGER {name_of_guard()}" + (" ON contracts_auditevent" if connection.vendor != "sqlite" else ""))


@way(23)
def a_trigger_is_replaced_under_its_name(archive: Archive) -> None:
    name, body = name_of_guard(), "BEGIN SELECT 1; END"
    if connection.vendor == "postgresql":
        body = "FOR EACH ROW WHEN (OLD.id < 0) EXECUTE FUNCTION contracts_refuse()"
    a_trigger_is_dropped(archive)
    execute(f"CREATE TRIGGER {name} BEFORE DELETE ON contracts_auditevent {body}")


@way(28)
def a_list_is_changed(archive: Archive) -> None:
    path = archive.list_file(2)
    path.write_bytes(path.read_bytes().replace(b" 3 ", b" 2 "))


way(29)(lambda archive: archive.list_file(2).unlink())
way(30)(lambda archive: archive.list_file(2).with_suffix(".p7s").unlink())
way(31)(lambda archive: archive.stamp_file(4).write_bytes(b"stamp of daily lists, format 1, number 4\n"))
way(32)(lambda archive: archive.stamp_file(2).with_suffix(".tst").unlink())
way(33)(lambda archive: archive.document("official").write_bytes(archive.document("draft").read_bytes()))
way(34)(lambda archive: archive.document("draft").unlink())


@way(35)
def a_sealed_file_is_put_in(archive: Archive) -> None:
    content = archive.document("official").read_bytes() + b"\n"
    sha256 = hashlib.sha256(content).hexdigest()
    path = archive.files / "documents" / sha256[:2] / f"{sha256}.pdf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


@way(36)
def the_database_goes_back_by_a_day(archive: Archive) -> None:
    newest = Contract.objects.order_by("pk").last()
    a_contract_is_removed_with_all_its_rows(Archive(archive.files, newest))
    execute("DELETE FROM contracts_trailseal WHERE number = 3")
    execute("DELETE FROM contracts_evidencestamp WHERE number > 2")


@way(37)
def the_newest_list_is_made_anew_and_sealed_again(archive: Archive) -> None:
    """By somebody who has the seal, and the database and the storage."""
    content = archive.list_file(3).read_bytes().splitlines(keepends=True)[:-1]
    made = b"".join(content)
    summary = list_files.summarise(io.BytesIO(made))
    signature = sign_detached(io.BytesIO(made), timestamped=False)
    (archive.files / list_files.path_of(3, summary.sha256)).write_bytes(made)
    (archive.files / list_files.signature_path_of(3, summary.sha256)).write_bytes(signature)
    for path in (archive.list_file(3), archive.list_file(3).with_suffix(".p7s")):
        path.unlink()
    execute(
        "UPDATE contracts_trailseal SET sha256 = %s, root = %s, signature_sha256 = %s, contracts = contracts - 1"
        " WHERE number = 3",
        summary.sha256,
        summary.root,
        hashlib.sha256(signature).hexdigest(),
    )


@way(38)
def a_timestamp_of_another_server_is_put_in(archive: Archive) -> None:
    root = EvidenceStamp.objects.get(number=3).root
    stranger = Unit(make_authority("Stranger", rsa.generate_private_key(65537, 2048))).stamper
    _nonce, request = stranger.request_cms(bytes.fromhex(root), "sha256")
    token = stranger.request_tsa_response(request)["time_stamp_token"].dump()
    archive.stamp_file(3).with_suffix(".tst").write_bytes(token)
    execute("UPDATE contracts_evidencestamp SET token_sha256 = %s WHERE number = 3", hashlib.sha256(token).hexdigest())


@pytest.fixture
def archive(actor, files, clock, stamp_server) -> Archive:
    contract = official(actor)
    seal_audit_trail()
    clock.shift(timedelta(days=1))
    edit_remarks(contract=contract, remarks="for the archive", by=actor)
    with guards_lifted():  # a transaction that is rolled back leaves an id unused
        spare = contract.documents.create(kind="void_certificate", size=1, pages=1, created_at=timezone.now())
        free_id = spare.pk
        spare.delete()
        free_event = AuditEvent.objects.last().pk
        execute("UPDATE contracts_auditevent SET id = id + 1 WHERE id = %s", free_event)
        if connection.vendor == "postgresql":  # SQLite goes on from the highest id by itself
            execute("SELECT nextval(pg_get_serial_sequence('contracts_auditevent', 'id'))")
    draft(actor)
    seal_audit_trail()
    clock.shift(timedelta(days=1))
    official(actor)
    seal_audit_trail()
    renew(now=timezone.now(), all_lists=True)
    draft(actor)  # in no list yet
    return Archive(files, contract, free_id, free_event)


def test_every_way_is_found_by_the_check_that_the_page_names(archive, tmp_path, subtests):
    assert told()[0] == []
    shutil.copytree(archive.files, tmp_path / "kept")
    for number, change in sorted(WAYS.items()):
        with subtests.test(way=number):
            with undone():
                with nullcontext() if number in GUARDS else guards_lifted():
                    change(archive)
                wrong = told()[0]
            shutil.rmtree(archive.files)
            shutil.copytree(tmp_path / "kept", archive.files)
            assert any(f"  {CHECKS[number]}: " in line for line in wrong), wrong


def test_the_page_has_every_way_that_is_tried():
    assert set(WAYS) <= set(CHECKS)
