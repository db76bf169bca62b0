"""Who has only the bundle checks all of it by README.txt, and sees what was changed."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.contracts.evidence.auditing import failing, needs_tools, step_that, steps_in

pytestmark = [pytest.mark.django_db, needs_tools]
KINDS = ["draft", "order contract", "payment request", "voided", "voided draft"]


@pytest.mark.rule("R3")
@pytest.mark.rule("R27")
@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_command_ends_as_stated(contract_of, unpack, kind, shell):
    folder = unpack(contract_of(kind))
    steps = steps_in(folder)
    assert len(steps) == {"draft": 5, "voided draft": 5, "voided": 14}.get(kind, 10)
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
    assert listed == kept - {"SHA256SUMS"}


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def with_new_sums(folder: Path) -> None:
    """A forger writes the sums anew; nothing else of the bundle may depend on them."""
    names = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    told = subprocess.run(["sha256sum", *names], cwd=folder, capture_output=True, check=True).stdout
    (folder / "SHA256SUMS").write_bytes(told)


def test_a_changed_byte_shows_in_the_sums(contract_of, unpack):
    folder = unpack(contract_of("voided"))
    for file in [one for one in folder.rglob("*") if one.is_file() and one.name not in ("SHA256SUMS", "README.txt")]:
        kept = file.read_bytes()
        flip(file, len(kept) // 2)
        name = file.relative_to(folder)
        assert f"{name}: FAILED" in step_that(folder, "SHA256SUMS").run(folder)
        file.write_bytes(kept)


@pytest.mark.parametrize("file", ["official", "void-certificate"])
def test_a_changed_byte_breaks_the_seal(contract_of, unpack, file):
    folder = unpack(contract_of("voided"))
    flip(folder / f"{file}.pdf", 700)
    with_new_sums(folder)
    assert "Digest Mismatch" in step_that(folder, f"pdfsig -nocert {file}.pdf").run(folder)
    assert "verification failure" in step_that(folder, f"{file}.signed").run(folder).lower()
    assert not step_that(folder, f'grep "$(sha256sum < {file}.pdf').holds(folder)


def test_what_was_appended_shows(contract_of, unpack):
    folder = unpack(contract_of("order contract"))
    with (folder / "official.pdf").open("ab") as file:
        file.write(b"% one more line\n")
    with_new_sums(folder)
    assert not step_that(folder, "pdfsig -nocert official.pdf").holds(folder)
    assert not step_that(folder, "official.signed").holds(folder)


@pytest.mark.rule("R3")
def test_another_draft_shows(contract_of, unpack):
    folder = unpack(contract_of("order contract"))
    flip(folder / "draft.pdf", 300)
    with_new_sums(folder)
    assert not step_that(folder, "cmp -n").holds(folder)
    assert not step_that(folder, 'grep "$(sha256sum < draft.pdf').holds(folder)


def test_the_seal_of_somebody_else_shows(contract_of, unpack):
    folder = unpack(contract_of("order contract"))
    root = folder / "certificates" / "root-1.pem"
    made = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=Forger -out"
    )
    subprocess.run([*made.split(), root], check=True, capture_output=True)
    assert not step_that(folder, "official.signed").holds(folder)
    assert not step_that(folder, "-fingerprint").holds(folder)


@pytest.mark.rule("R27")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: [*lines[:1], lines[1].replace('"source":"page"', '"source":"api"'), *lines[2:]], "CHANGED"),
        (lambda lines: [*lines[:1], *lines[2:]], "NOT NEXT"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "NOT NEXT"),
        (lambda lines: [re.sub('"actor":[0-9]+', '"actor":999', lines[0]), *lines[1:]], "CHANGED"),
    ],
    ids=["edited", "left out", "moved", "another actor"],
)
def test_a_changed_trail_shows(contract_of, unpack, change, says):
    folder = unpack(contract_of("voided"))
    file = folder / "audit-trail.json"
    first, *events, last = file.read_text().splitlines()
    file.write_text("\n".join([first, *change(events), last]) + "\n")
    with_new_sums(folder)
    step = step_that(folder, "unbroken")
    assert says in step.run(folder)
    assert not step.holds(folder)


def test_a_trail_that_was_cut_short_shows(contract_of, unpack):
    folder = unpack(contract_of("voided"))
    file = folder / "audit-trail.json"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:-2], lines[-1]]))
    assert not step_that(folder, "unbroken").holds(folder)


def test_checking_leaves_the_bundle_as_it_was(contract_of, unpack):
    folder = unpack(contract_of("voided"))
    assert failing(folder) == []
    assert failing(folder) == []


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
