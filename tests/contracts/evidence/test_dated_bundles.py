"""The path from a sealed document to the stamped root of its daily list proves its age, also after renewals (R38)."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificate
from django.utils import timezone

from contracts.models import Contract, EvidenceStamp
from contracts.sealing.key import configured_seal
from contracts.sealing.stamps import request_stamp
from contracts.services import approve_void, request_void
from contracts.tasks import seal_audit_trail
from contracts.trail.renewal.stamping import renew
from tests.contracts.evidence.auditing import failing, needs_tools, step_that
from tests.contracts.evidence.forging import copied, removed, replaced
from tests.contracts.sealing.conftest import make_authority
from tests.factories import official, staff

pytestmark = [pytest.mark.django_db, needs_tools, pytest.mark.rule("R38"), pytest.mark.usefixtures("own_files")]
LISTED, STAMPED = "names official.pdf", "and so official.pdf"


@pytest.fixture
def listed(actor, clock) -> Callable[[], Contract]:
    """A contract, among others, that was made official on one day and voided on another; each day has its list."""

    def listed():
        contracts = [official(actor) for _ in range(5)]
        seal_audit_trail()
        clock.shift(timedelta(days=1))
        ticket = request_void(contract=contracts[2], reason="Wrong name", by=actor)
        contract = approve_void(ticket=ticket, by=staff()).contract
        seal_audit_trail()
        return contract

    return listed


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_stamp_confirms_each_sealed_file(listed, stamp_server, unpack, shell):
    folder = unpack(listed())
    assert sorted(file.name for file in (folder / "timestamps").iterdir()) == [
        "official-1.path",
        "official.path",
        "stamp-1.tst",
        "stamp-2.tst",
        "void-certificate-2.path",
        "void-certificate.path",
    ]
    assert failing(folder, shell=shell) == []
    assert (
        "2026-11-22 04:00:00 UTC" in step_that(folder, STAMPED, "stamp-1").title + (folder / "README.txt").read_text()
    )


def test_without_a_server_the_root_of_the_list_can_still_be_compared(listed, unpack):
    folder = unpack(listed())
    assert sorted(file.name for file in (folder / "timestamps").iterdir()) == ["official.path", "void-certificate.path"]
    assert failing(folder) == []


def test_before_the_first_list_there_is_no_path(actor, unpack, clock):
    folder = unpack(official(actor))
    assert not (folder / "timestamps").exists()
    assert failing(folder) == []


def test_what_is_proven_outlives_every_certificate(listed, stamp_server, unpack, clock, use_seal, settings, tmp_path):
    """Seal, its root and the first two timestamp servers have ended; a third one's timestamp renews theirs."""
    server, authority = settings.SEAL_TSA_URL, make_authority()
    use_seal(authority=authority)
    settings.SEAL_TSA_URL = server
    contract = listed()
    for _renewal in range(2):
        clock.move_to(EvidenceStamp.objects.last().renew_at + timedelta(days=1))
        stamp_server.use(ends=timedelta(days=4000))
        renew(now=timezone.now())
    ended = [authority.certificate, *map(certificate_in, sorted(stamp_server.folder.iterdir())[:1])]
    assert all(one.not_valid_after_utc < timezone.now() for one in ended)
    (tmp_path / "old.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    use_seal(authority=make_authority())
    settings.SEAL_ROOTS, settings.SEAL_TSA_URL = str(tmp_path / "old.pem"), server
    folder = unpack(contract)
    assert sorted(file.name for file in (folder / "timestamps").glob("official*")) == [
        "official-1.path",
        "official-3.path",
        "official-4.path",
        "official.path",
    ]
    assert failing(folder) == []
    copied("timestamps/stamp-2.tst", "timestamps/stamp-1.tst")(folder)
    assert not step_that(folder, "timestamps/official-3.path").holds(folder)


def test_a_renewal_that_came_too_late_is_found(listed, stamp_server, unpack, clock, use_seal, settings, tmp_path):
    contract = listed()
    root, server = configured_seal().chain[-1].dump(), settings.SEAL_TSA_URL
    clock.move_to(EvidenceStamp.objects.first().ends_at + timedelta(days=1))
    stamp_server.use(ends=timedelta(days=4000))
    renew(now=timezone.now())
    use_seal()
    (tmp_path / "old.crt").write_bytes(root)
    settings.SEAL_ROOTS, settings.SEAL_TSA_URL = str(tmp_path / "old.crt"), server
    folder = unpack(contract)
    assert step_that(folder, STAMPED, "stamp-1").title in failing(folder)


def certificate_in(file: Path) -> Certificate:
    return load_pem_x509_certificate(file.read_bytes())


def test_a_forged_path_or_stamp_is_found(listed, stamp_server, unpack, tmp_path, subtests):
    true = unpack(listed())
    assert failing(true) == []  # it also leaves what later steps need
    stamp_server.use()
    other = request_stamp(EvidenceStamp.objects.first().root)
    forgeries = {
        "another document": (copied("draft.pdf", "official.pdf"), LISTED),
        "no document": (removed("official.pdf"), LISTED),
        "another line": (replaced("timestamps/official.path", "official", "draft"), LISTED),
        "another path": (replaced("timestamps/official.path", "right", "left"), LISTED),
        "path cut short": (lambda folder: shorten(folder / "timestamps/official.path"), LISTED),
        "stamp of another list": (copied("timestamps/stamp-2.tst", "timestamps/stamp-1.tst"), STAMPED),
        "another line of the stamp": (replaced("timestamps/official-1.path", "1 ", "2 "), STAMPED),
        "path to another stamp": (copied("timestamps/void-certificate-2.path", "timestamps/official-1.path"), STAMPED),
        "another server": (lambda folder: (folder / "timestamps/stamp-1.tst").write_bytes(other), STAMPED),
    }
    for what, (change, finds) in forgeries.items():
        with subtests.test(what):
            folder = tmp_path / "forged" / true.name
            shutil.rmtree(folder.parent, ignore_errors=True)
            shutil.copytree(true.parent, folder.parent)
            change(folder)
            assert not step_that(true, finds, "timestamps/official").holds(folder)


def shorten(file: Path) -> None:
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
