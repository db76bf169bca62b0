"""Who has only the bundle checks all of it by README.txt, and sees what was changed."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.contracts.evidence.auditing import failing, needs_tools, step_that, steps_in
from tests.contracts.evidence.forging import with_new_sums

pytestmark = [pytest.mark.django_db, needs_tools]
KINDS = ["draft", "order contract", "payment request", "voided", "voided draft"]


@pytest.mark.rule("R3")
@pytest.mark.rule("R27")
@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_command_ends_as_stated(contract_of, unpack, kind, shell):
    folder = unpack(contract_of(kind))
    steps = steps_in(folder)
    assert len(steps) == {"draft": 11, "voided draft": 11, "voided": 21}.get(kind, 16)
    for step in steps:
        assert step.commands, step.title
        assert step.prints, step.title
        assert step.holds(folder, shell), (step, step.run(folder, shell))


def test_every_file_is_told_of(contract_of, unpack):
    folder = unpack(contract_of("voided"))
    told = (folder / "README.txt").read_text()
    for file in folder.iterdir():
        assert file.name in told
    listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    kept = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert listed == kept - {"SHA256SUMS", "SHA256SUMS.p7s"}


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def test_a_changed_byte_shows_in_the_sums(contract_of, unpack):
    folder = unpack(contract_of("voided"))
    for file in [
        one for one in folder.rglob("*") if one.is_file() and not one.name.startswith(("SHA256SUMS", "README"))
    ]:
        kept = file.read_bytes()
        flip(file, len(kept) // 2)
        name = file.relative_to(folder)
        assert f"{name}: FAILED" in step_that(folder, "sha256sum -c").run(folder)
        file.write_bytes(kept)


@pytest.mark.parametrize("file", ["official", "void-certificate"])
def test_a_changed_byte_breaks_the_seal(contract_of, unpack, file):
    folder = unpack(contract_of("voided"))
    flip(folder / f"{file}.pdf", 700)
    with_new_sums(folder)
    assert "Digest Mismatch" in step_that(folder, f"pdfsig -nocert {file}.pdf").run(folder)
    assert "verification failure" in step_that(folder, f"-signer ../check/{file}.pem").run(folder).lower()
    assert not step_that(folder, f"The audit trail records the SHA-256 of {file}").holds(folder)


def test_what_was_appended_shows(contract_of, unpack):
    folder = unpack(contract_of("order contract"))
    with (folder / "official.pdf").open("ab") as file:
        file.write(b"% one more line\n")
    with_new_sums(folder)
    assert not step_that(folder, "pdfsig -nocert official.pdf").holds(folder)
    assert not step_that(folder, "-signer ../check/official.pem").holds(folder)


@pytest.mark.rule("R3")
def test_another_draft_shows(contract_of, unpack):
    folder = unpack(contract_of("order contract"))
    flip(folder / "draft.pdf", 300)
    with_new_sums(folder)
    assert not step_that(folder, "whole draft").holds(folder)
    assert not step_that(folder, "The audit trail records the SHA-256 of draft").holds(folder)


def test_the_seal_of_somebody_else_shows(contract_of, unpack):
    folder = unpack(contract_of("order contract"))
    root = folder / "certificates" / "root-1.pem"
    made = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=Forger -out"
    )
    subprocess.run([*made.split(), root], check=True, capture_output=True)
    assert not step_that(folder, "-signer ../check/official.pem").holds(folder)
    assert not step_that(folder, "-fingerprint").holds(folder)


def test_no_step_passes_where_its_file_is_missing(contract_of, unpack):
    folder = unpack(contract_of("voided"))
    assert failing(folder) == []
    steps = steps_in(folder)
    for file in [one for one in folder.rglob("*") if one.is_file()]:
        kept, name = file.read_bytes(), str(file.relative_to(folder))
        file.unlink()
        assert [step.title for step in steps if name in step.commands and step.holds(folder)] == []
        file.write_bytes(kept)


def test_checking_leaves_the_bundle_as_it_was(contract_of, unpack):
    folder = unpack(contract_of("voided"))
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert failing(folder) == []
    assert failing(folder) == []
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_the_issuers_page_shows_the_number_and_the_hash_of_the_last_step(contract_of, unpack, client):
    contract = contract_of("order contract")
    folder = unpack(contract)
    step = steps_in(folder)[-1]
    address = re.search(r"https?://\S+", (folder / "README.txt").read_text()).group()
    page = client.get(address.partition("/verify/")[1] + address.partition("/verify/")[2]).text
    assert contract.number in page
    assert step.run(folder).split()[0] in page


def test_it_says_that_a_test_seal_binds_nobody(contract_of, unpack):
    assert "ANY LEGAL EFFECT" in (unpack(contract_of("order contract")) / "README.txt").read_text()
    assert "ANY LEGAL EFFECT" not in (unpack(contract_of("draft")) / "README.txt").read_text()


@pytest.mark.rule("R5")
def test_a_void_certificate_of_another_contract_shows(contract_of, unpack):
    folder, other = unpack(contract_of("voided")), unpack(contract_of("voided"))
    (folder / "void-certificate.pdf").write_bytes((other / "void-certificate.pdf").read_bytes())
    with_new_sums(folder)
    assert not step_that(folder, "void certificate is about").holds(folder)
