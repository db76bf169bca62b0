"""What an operator can get wrong about the seal: each has its own sentence, and nothing is sealed."""

import os
from datetime import timedelta
from unittest.mock import Mock

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from contracts.sealing import SealUnavailable, check_seal, validate_seal
from tests.contracts.sealing.conftest import make_authority, make_draft, seal

DRAFT = make_draft()


def refusal() -> str:
    """The sentence of both the readiness check and the sealing; they must agree."""
    with pytest.raises(SealUnavailable) as sealing_refused:
        seal(DRAFT)
    with pytest.raises(SealUnavailable) as check_refused:
        check_seal()
    assert sealing_refused.value.detail == check_refused.value.detail
    assert (sealing_refused.value.code, sealing_refused.value.status) == ("seal_unavailable", 503)
    return sealing_refused.value.detail


def test_a_real_seal_is_accepted_where_test_seals_are_not(use_seal):
    use_seal()
    assert not check_seal().is_test
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_a_seal_file_without_a_passphrase_is_accepted(use_seal):
    use_seal(passphrase="")
    check_seal()


def test_missing_file(use_seal):
    use_seal().unlink()
    assert "cannot be read (No such file or directory)" in refusal()
    assert "init_seal" in refusal()


def test_a_folder_in_its_place(use_seal, settings, tmp_path):
    use_seal()
    settings.SEAL_P12 = str(tmp_path)
    assert "cannot be read (Is a directory)" in refusal()


def test_garbage(use_seal):
    use_seal().write_bytes(b"not a key store")
    assert "it is not a PKCS #12 file" in refusal()


@pytest.mark.parametrize("passphrase", ["wrong", ""])
def test_wrong_passphrase(use_seal, settings, passphrase):
    use_seal(passphrase="right")
    settings.SEAL_P12_PASSPHRASE = passphrase
    assert "SEAL_P12_PASSPHRASE is wrong" in refusal()


def test_expired(use_seal):
    use_seal(begins=timedelta(days=-30), ends=timedelta(days=-1))
    assert "expired on" in refusal()


def test_not_yet_valid(use_seal):
    use_seal(begins=timedelta(days=2))
    assert "not yet valid" in refusal()


def test_certificate_for_digital_signature_only(use_seal):
    use_seal(usage=frozenset({"digital_signature"}))
    assert "nonRepudiation" in refusal()


def test_root_left_out(use_seal):
    use_seal(with_root=False)
    assert "lacks the certificate of CN=Real Root CA" in refusal()


def test_another_root_of_the_same_name_is_not_its_root(use_seal):
    use_seal(with_root=False, other_roots=(make_authority().certificate,))
    assert "lacks the certificate of CN=Real Root CA" in refusal()


def test_key_of_another_kind(use_seal):
    use_seal(key=ed25519.Ed25519PrivateKey.generate())
    assert "neither EC nor RSA" in refusal()


def test_file_without_a_key(use_seal):
    certificate = pkcs12.PKCS12Certificate(make_authority().certificate, None)
    use_seal(passphrase="").write_bytes(pkcs12.serialize_java_truststore([certificate], NoEncryption()))
    assert "does not hold a private key with its certificate" in refusal()


def test_test_seal_where_it_is_not_allowed(test_seal, settings):
    assert check_seal().is_test
    settings.SEAL_ALLOW_TEST = False
    assert "not legally binding" in refusal()


def test_the_key_is_loaded_once_and_again_when_the_file_changes(use_seal, monkeypatch):
    path = use_seal()
    load = Mock(side_effect=pkcs12.load_pkcs12)
    monkeypatch.setattr(pkcs12, "load_pkcs12", load)
    for _ in range(3):
        seal(DRAFT)
    check_seal()
    assert load.call_count == 1
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))
    seal(DRAFT)
    assert load.call_count == 2
