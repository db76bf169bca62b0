"""Archives of documents and evidence: what they hold, and that none is silently short."""

import subprocess
from io import BytesIO
from zipfile import BadZipFile, ZipFile

import pytest

from accounts.models import SecurityEvent
from common.errors import Refused
from contracts.documents import files as documents


def archive(answer) -> ZipFile:
    assert answer.status_code == 200, answer.text
    return ZipFile(BytesIO(b"".join(answer.streaming_content)))


def test_an_archive_has_each_current_document_and_its_checksum(visit, draft, official, tmp_path):
    drafted = draft()

    zip_ = archive(visit.get("/contracts/download/"))

    assert set(zip_.namelist()) == {f"{drafted.number}.pdf", f"{official.number}.pdf", "SHA256SUMS"}
    assert zip_.read(f"{official.number}.pdf") == documents.read(documents.current(official))
    zip_.extractall(tmp_path)
    subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path, check=True)


@pytest.mark.rule("R18")
def test_voided_contracts_have_no_file_and_are_named(visit, draft, voided):
    kept = draft()

    zip_ = archive(visit.get("/contracts/download/"))

    assert f"{kept.number}.pdf" in zip_.namelist()
    assert f"{voided.number}.pdf" not in zip_.namelist()
    assert voided.number in zip_.read("NOT-INCLUDED.txt").decode()


def test_an_archive_takes_the_lists_filter_or_numbers(visit, stranger, draft, official):
    other = draft()

    assert f"{official.number}.pdf" not in archive(visit.get("/contracts/download/?status=draft")).namelist()
    assert f"{other.number}.pdf" not in archive(visit.get(f"/contracts/download/?number={official.number}")).namelist()
    assert stranger.get(f"/contracts/download/?number={official.number}").status_code == 400


def test_the_evidence_of_each_contract(visit, official):
    zip_ = archive(visit.get("/contracts/download/?kind=evidence"))

    with ZipFile(BytesIO(zip_.read(f"{official.number}-evidence.zip"))) as bundle:
        assert f"{official.number}-evidence/official.pdf" in bundle.namelist()


def test_more_contracts_come_in_parts(visit, draft, monkeypatch):
    monkeypatch.setattr("contracts.bulk.archives.MAX_CONTRACTS", {"current": 2, "evidence": 1})
    contracts = [draft() for _ in range(3)]

    answer = visit.get("/contracts/download/")
    assert answer.status_code == 400
    assert "2 parts" in answer.text
    parts = [archive(visit.get(f"/contracts/download/?part={part}")) for part in (1, 2)]
    assert [len(part.namelist()) for part in parts] == [3, 2]
    names = {name for part in parts for name in part.namelist()}
    assert names == {"SHA256SUMS", *(f"{contract.number}.pdf" for contract in contracts)}
    for wrong in ("0", "3", "x", "9999"):
        assert visit.get(f"/contracts/download/?part={wrong}").status_code == 400


def test_a_file_that_cannot_be_read_leaves_no_complete_archive(visit, draft, monkeypatch):
    draft()
    draft()
    read = documents.read
    reads = []

    def fail_at_the_second(document):
        reads.append(document)
        if len(reads) > 1:
            raise Refused("storage_unavailable", "The storage is away.")
        return read(document)

    monkeypatch.setattr(documents, "read", fail_at_the_second)
    answer = visit.get("/contracts/download/")
    got: list[bytes] = []
    with pytest.raises(Refused):  # gunicorn then closes the connection before the last chunk
        got.extend(answer.streaming_content)

    assert got
    with pytest.raises(BadZipFile):
        ZipFile(BytesIO(b"".join(got)))


def test_a_download_is_in_the_security_log(visit, draft, membership):
    draft()

    visit.get("/contracts/download/")

    [event] = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.EXPORTED)
    assert (event.user, event.detail) == (membership.user, "current archive, 1 contracts, part 1")


def test_an_empty_list_and_an_unknown_kind_are_refused(visit, draft):
    assert visit.get("/contracts/download/").status_code == 400
    draft()
    assert visit.get("/contracts/download/?kind=other").status_code == 400
