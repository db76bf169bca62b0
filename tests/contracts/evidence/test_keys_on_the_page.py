"""The verification page has what no bundle can prove itself: the first commands, and the keys of the seals (R37)."""

import html
import re
import subprocess
from pathlib import Path

import pytest

from contracts.sealing.key import configured_seal
from tests.contracts.evidence.auditing import needs_tools
from tests.contracts.evidence.forging import replaced, signed_anew

pytestmark = [pytest.mark.django_db, needs_tools, pytest.mark.rule("R37")]


def on_the_page(client) -> tuple[list[str], set[str]]:
    """The commands, and the keys."""
    text = client.get("/verify/").text.partition("<h3>Evidence bundle</h3>")[2]
    codes = [html.unescape(code) for code in re.findall("<code>(.+?)</code>", text)]
    return codes[:3], set(codes[3:])


def printed(commands: list[str], folder: Path) -> list[str]:
    runs = [
        subprocess.run(["sh", "-c", one], check=False, cwd=folder, capture_output=True, text=True) for one in commands
    ]
    return [run.stdout + run.stderr for run in runs]


def test_its_commands_tell_a_true_bundle_from_one_written_anew(contract_of, unpack, use_seal, client):
    use_seal()
    folder = unpack(contract_of("draft"))
    commands, keys = on_the_page(client)
    verified, key, sums = printed(commands, folder)
    assert "Verification successful" in verified
    assert key[:64] in keys
    assert "README.txt: OK" in sums
    use_seal()
    replaced("README.txt", "issuer", "Issuer")(folder)
    signed_anew(folder)
    verified, key, sums = printed(commands, folder)
    assert "Verification successful" in verified
    assert key[:64] == configured_seal().fingerprint
    assert key[:64] not in keys


def test_earlier_keys_stay_listed(contract_of, unpack, use_seal, client):
    fingerprints = []
    for _seal in range(2):
        use_seal()
        unpack(contract_of("draft"))
        fingerprints.append(configured_seal().fingerprint)
    assert on_the_page(client)[1] == set(fingerprints)


def test_before_any_key_has_sealed_there_is_nothing_about_bundles(client):
    assert "SHA256SUMS" not in client.get("/verify/").text
