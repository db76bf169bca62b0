"""manage.py init_seal."""

import stat
from pathlib import Path

import pytest
from cryptography import x509
from django.core.management import CommandError, call_command

from contracts.sealing import check_seal, validate_seal
from contracts.sealing.trust import trust
from tests.contracts.sealing.conftest import make_draft, seal


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.SEAL_P12 = str(tmp_path / "seal" / "seal.p12")
    settings.SEAL_P12_PASSPHRASE = ""
    settings.SEAL_ALLOW_TEST = True
    settings.SEAL_TSA_URL = ""
    return tmp_path / "seal"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_it_makes_a_seal_that_works_and_that_only_the_owner_can_read(folder, settings, capsys, passphrase):
    settings.SEAL_P12_PASSPHRASE = passphrase
    call_command("init_seal", name="北京云海科技有限公司")
    assert "Made the test seal" in capsys.readouterr().out
    assert mode(folder) == 0o700
    assert {file.name: mode(file) for file in folder.iterdir()} == {
        "ca.pem": 0o600,
        "ca-key.pem": 0o600,
        "ca.crl": 0o600,
        "seal.p12": 0o600,
    }
    draft = make_draft()
    validate_seal(seal(draft), draft=draft)


def test_the_certificates_say_what_they_are(folder):
    call_command("init_seal", name="Nimbus")
    loaded = check_seal()
    assert loaded.is_test
    assert loaded.subject.startswith("Nimbus, TEST, NOT LEGALLY BINDING")
    root = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    loaded.certificate.verify_directly_issued_by(root)
    assert "TEST, NOT LEGALLY BINDING" in root.subject.rfc4514_string().replace("\\", "")
    usage = loaded.certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    assert not usage.value.key_cert_sign
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


def test_a_second_time_it_keeps_what_is_there(folder, capsys):
    call_command("init_seal")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    call_command("init_seal")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert "Kept the seal" in capsys.readouterr().out


def test_a_crl_that_is_missing_is_made_and_made_anew_on_demand(folder, capsys):
    call_command("init_seal")
    (folder / "ca.crl").unlink()
    call_command("init_seal")
    first = (folder / "ca.crl").read_bytes()
    call_command("init_seal", renew_crl=True)
    assert "Renewed" in capsys.readouterr().out
    assert (folder / "ca.crl").read_bytes() != first
    (folder / "ca-key.pem").unlink()
    with pytest.raises(CommandError, match="no test CA with its key"):
        call_command("init_seal", renew_crl=True)


def test_renewing_keeps_the_root_and_the_old_seal(folder, capsys):
    call_command("init_seal")
    draft = make_draft()
    sealed_before, keys = seal(draft), [check_seal().fingerprint]
    root, old = (folder / "ca.pem").read_bytes(), (folder / "seal.p12").read_bytes()
    call_command("init_seal", force=True)
    assert "Moved the old seal" in capsys.readouterr().out
    assert (folder / "ca.pem").read_bytes() == root
    assert (folder / "seal.p12").read_bytes() != old
    (aside,) = folder.glob("seal-until-*.p12")
    assert aside.read_bytes() == old
    assert mode(aside) == 0o600
    validate_seal(sealed_before, draft=draft, trusted=trust(keys))
    validate_seal(seal(draft), draft=draft)


def test_a_lost_root_key_means_a_new_root(folder):
    call_command("init_seal")
    root = (folder / "ca.pem").read_bytes()
    (folder / "ca-key.pem").unlink()
    call_command("init_seal", force=True)
    assert (folder / "ca.pem").read_bytes() != root
    (aside,) = folder.glob("ca-until-*.pem")
    assert aside.read_bytes() == root


def test_it_is_refused_where_test_seals_are_not_allowed(folder, settings):
    settings.SEAL_ALLOW_TEST = False
    with pytest.raises(CommandError, match="SEAL_ALLOW_TEST=true"):
        call_command("init_seal")
    assert not folder.exists()


def test_it_tells_when_seal_p12_points_elsewhere(folder, settings, capsys):
    settings.SEAL_P12 = "/etc/seal.p12"
    call_command("init_seal")
    assert "SEAL_P12 is /etc/seal.p12" in capsys.readouterr().out
