"""A contract still verifies when its CA, its seal and every timestamp server of its time have ended."""

import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.utils import timezone

from contracts.models import Contract, TrailSeal
from contracts.sealing.key import configured_seal
from contracts.tasks import seal_audit_trail
from contracts.trail.list_files import path_of, signature_path_of
from contracts.trail.renewal.proof import Proof, proof_of
from contracts.trail.renewal.stamping import renew
from tests.contracts.archive.asking import file_of, told
from tests.factories import official

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R38"), pytest.mark.usefixtures("clock")]
TEN_YEARS = timedelta(days=3653)
HEX = r"""hex() { printf "$(printf %s "$1" | sed 's/../\\x&/g')"; }; """
LEAF = HEX + r"""{ printf '\000'; cat; } | sha256sum | cut -c 1-64"""
NODE = HEX + r"""{ printf '\001'; hex "$1"; hex "$2"; } | sha256sum | cut -c 1-64"""


@dataclass
class Decades:
    contract: Contract
    official: Path
    proof: Proof
    now: datetime


@pytest.fixture
def decades(actor, files, clock, stamp_server) -> Decades:
    """Sealed in 2026, renewed twice under other roots; now it is 2050."""
    stamp_server.use(ends=TEN_YEARS)
    contract = official(actor)
    seal_audit_trail()
    for _renewal in range(2):
        clock.shift(TEN_YEARS - timedelta(days=300))
        stamp_server.use(ends=TEN_YEARS)
        assert renew(now=timezone.now())
    clock.shift(timedelta(days=5 * 365))
    path = file_of(contract, contract.documents.model.Kind.OFFICIAL, files)
    return Decades(contract, path, proof_of(path.stem), timezone.now())


def test_it_still_verifies_here(decades):
    ends = [one.not_valid_after for one in configured_seal().chain] + [
        x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        for path in sorted((decades.official.parents[3] / "timestamp-roots").iterdir())
    ]
    assert [end < decades.now for end in ends] == [True, True, True, True, True, False]
    assert len(decades.proof.stamps) == 3
    assert told()[0] == []


def said(script: str, *arguments: str, given: bytes = b"", folder: Path | None = None) -> str:
    """What a script prints; it must succeed."""
    command = ["bash", "-euc", script, "-", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@pytest.mark.exhaustive
def test_a_stranger_verifies_it_with_sha256sum_and_openssl_alone(decades, files, settings, tmp_path):
    proof = decades.proof
    assert said("sha256sum < official", folder=linked(tmp_path, official=decades.official))[:64] in proof.leaf
    value = said(LEAF, given=proof.leaf.encode())
    for step in proof.path:
        value = joined(value, step)
    assert value == proof.root
    roots = said("cat *.pem", folder=tmp_path / "timestamp-roots")
    (tmp_path / "roots.pem").write_text(roots + "\n")
    until = [*(stamp.at for stamp in proof.stamps[1:]), decades.now]
    for stamp, at in zip(proof.stamps, until, strict=True):
        root = value
        for step in stamp.path:
            root = joined(root, step)
        (tmp_path / "token").write_bytes(stamp.token)
        verify = f"openssl ts -verify -digest {root} -token_in -in token -CAfile roots.pem -partial_chain -attime "
        assert "Verification: OK" in said(verify + str(int(at.timestamp())) + " 2>&1", folder=tmp_path)
        if at != decades.now:
            with pytest.raises(AssertionError, match="expired"):
                said(verify + str(int(decades.now.timestamp())), folder=tmp_path)
    seal = TrailSeal.objects.get()
    said(
        "openssl cms -verify -binary -inform DER -purpose any -in signature -content list -CAfile ca.pem -out /dev/null"
        f" -attime {int(proof.stamps[0].at.timestamp())}",
        folder=linked(
            tmp_path,
            **{
                "signature": files / signature_path_of(1, seal.sha256),
                "list": files / path_of(1, seal.sha256),
                "ca.pem": Path(settings.SEAL_P12).with_name("ca.pem"),
            },
        ),
    )


def joined(value: str, step) -> str:
    return said(NODE, *((step.hash, value) if step.side == "left" else (value, step.hash)))


def linked(folder: Path, **paths: Path) -> Path:
    for name, path in paths.items():
        (folder / name).symlink_to(path)
    return folder
