"""The seal's key in a PKCS #11 device: the same seals as from a file, and every failure has its own sentence."""

import multiprocessing
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from contracts.sealing import SealUnavailable, check_seal, validate_seal
from contracts.sealing import pkcs11 as seal_device
from contracts.sealing.trust import trust
from tests.contracts.sealing.conftest import Key, issue, make_authority, make_draft, seal

MODULE = next(
    (file for file in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so") if Path(file).exists()),
    "",
)
pytestmark = pytest.mark.skipif(
    not (MODULE and shutil.which("softhsm2-util")), reason="SoftHSM (Debian's softhsm2) is missing"
)
DRAFT = make_draft()
PIN = "1234"


def util(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def softhsm(tmp_path_factory):
    """A device with the token "contracts" and in it the keys "ec" and "rsa"; returns certificates by key."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    util("--init-token", "--free", "--label", "contracts", "--pin", PIN, "--so-pin", "5678")
    keys: dict[str, Key] = {"ec": ec.generate_private_key(ec.SECP256R1()), "rsa": rsa.generate_private_key(65537, 2048)}
    authority = make_authority()
    for number, (label, key) in enumerate(keys.items(), start=1):
        file = folder / f"{label}.pem"
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        util("--import", str(file), "--token", "contracts", "--label", label, "--id", f"0{number}", "--pin", PIN)
        chain = (issue("Cloud Sea Contract Seal", key, authority=authority), authority.certificate)
        file.with_suffix(".crt").write_bytes(b"".join(link.public_bytes(Encoding.PEM) for link in chain))
    yield folder
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def use_device(softhsm, settings):
    settings.SEAL_P12 = settings.SEAL_TSA_URL = settings.SEAL_LEVEL = ""
    settings.SEAL_ALLOW_TEST = False
    settings.SEAL_PKCS11_MODULE, settings.SEAL_PKCS11_TOKEN, settings.SEAL_PKCS11_PIN = MODULE, "contracts", PIN

    def use(key: str = "ec", **changed: str) -> None:
        settings.SEAL_PKCS11_KEY = key
        settings.SEAL_CERTIFICATES = str(softhsm / f"{key}.crt")
        for name, value in changed.items():
            setattr(settings, f"SEAL_{name}", value)

    yield use
    seal_device._device.reset_after_fork()
    seal_device._device.refused.clear()


def refusal() -> str:
    with pytest.raises(SealUnavailable) as sealing_refused:
        seal(DRAFT)
    with pytest.raises(SealUnavailable) as check_refused:
        check_seal()
    assert sealing_refused.value.detail == check_refused.value.detail
    return sealing_refused.value.detail


@pytest.mark.parametrize("key", ["ec", "rsa"])
def test_it_seals_as_a_key_in_a_file_does(use_device, key):
    use_device(key)
    check_seal()
    sealed = seal(DRAFT)
    assert sealed.startswith(DRAFT)
    assert validate_seal(sealed, draft=DRAFT) == "B-B"


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils (pdfsig) is missing")
def test_pdfsig_calls_it_valid(use_device, tmp_path):
    use_device()
    (tmp_path / "official.pdf").write_bytes(seal(DRAFT))
    done = subprocess.run(["pdfsig", "-nocert", tmp_path / "official.pdf"], capture_output=True, check=True, text=True)
    assert "Signature is Valid" in done.stdout


def test_the_session_is_opened_once(use_device, monkeypatch):
    use_device()
    opened = []
    open_ = seal_device._device._open
    monkeypatch.setattr(seal_device._device, "_open", lambda place: opened.append(place) or open_(place))
    for _ in range(3):
        seal(DRAFT)
    check_seal()
    assert len(opened) == 1


def test_threads_may_seal_at_the_same_time(use_device):
    use_device()
    with ThreadPoolExecutor(4) as pool:
        for sealed in pool.map(seal, [DRAFT] * 8):
            validate_seal(sealed, draft=DRAFT)


def _seal_in_child(queue) -> None:
    inherited = len(seal_device._device.sessions)
    queue.put((inherited, seal(DRAFT)))


def test_processes_forked_since_seal_too_and_so_does_their_parent(use_device):
    """As web workers do, forked from a process that has sealed already.

    One after the other: SoftHSM, unlike a device, writes its file at a login; who reads it just then finds no token.
    """
    use_device()
    seal(DRAFT)
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    for _ in range(3):
        child = fork.Process(target=_seal_in_child, args=(queue,))
        child.start()
        inherited, sealed = queue.get(timeout=30)
        assert not inherited  # a session belongs to the process that opened it
        validate_seal(sealed, draft=DRAFT)
        child.join()
        assert child.exitcode == 0
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_a_child_is_not_held_up_by_a_lock_that_its_parent_held(use_device):
    use_device()
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    with seal_device._device.lock:
        child = fork.Process(target=_seal_in_child, args=(queue,))
        child.start()
        validate_seal(queue.get(timeout=30)[1], draft=DRAFT)
        child.join()


def test_a_lost_session_is_opened_again(use_device):
    import pkcs11

    use_device()
    seal(DRAFT)
    pkcs11.lib(MODULE).reinitialize()  # all sessions are gone, as when a device was unplugged and is back
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_a_device_that_stays_away(use_device, softhsm):
    import pkcs11

    use_device()
    seal(DRAFT)
    away = softhsm / "away"
    (softhsm / "tokens").rename(away)
    (softhsm / "tokens").mkdir()
    pkcs11.lib(MODULE).reinitialize()
    try:
        assert "no token labelled contracts" in refusal()
    finally:
        (softhsm / "tokens").rmdir()
        away.rename(softhsm / "tokens")
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_wrong_labels(use_device):
    use_device(PKCS11_TOKEN="other")
    assert "no token labelled other: connect it, or check SEAL_PKCS11_TOKEN" in refusal()
    use_device(PKCS11_TOKEN="contracts", PKCS11_KEY="other")
    assert "no private key labelled other: check SEAL_PKCS11_KEY" in refusal()


def test_a_wrong_pin_is_tried_once_and_never_again(use_device, monkeypatch):
    """A few wrong ones lock a device, and readiness is asked every few seconds."""
    use_device(PKCS11_PIN="9999")
    opened = []
    open_ = seal_device._device._open
    monkeypatch.setattr(seal_device._device, "_open", lambda place: opened.append(place) or open_(place))
    for _ in range(3):
        assert "refused its PIN" in refusal()
    assert len(opened) == 1
    use_device(PKCS11_PIN=PIN)
    validate_seal(seal(DRAFT), draft=DRAFT)


def test_the_pin_is_shown_nowhere(use_device):
    use_device(PKCS11_PIN="9999")
    assert "9999" not in refusal()
    assert "9999" not in repr(check_seal.__globals__["usable_seal"]().signer.key.__dict__)


def test_a_key_of_another_certificate(use_device, softhsm):
    use_device("ec", CERTIFICATES=str(softhsm / "rsa.crt"), PKCS11_KEY="rsa")
    seal(DRAFT)
    stranger = softhsm / "stranger.crt"
    authority = make_authority()
    certificate = issue("Cloud Sea", ec.generate_private_key(ec.SECP256R1()), authority=authority)
    stranger.write_bytes(certificate.public_bytes(Encoding.PEM) + authority.certificate.public_bytes(Encoding.PEM))
    use_device("ec", CERTIFICATES=str(stranger))
    assert "does not belong to the first certificate" in refusal()


def test_a_module_that_is_not_there(use_device):
    use_device(PKCS11_MODULE="/nowhere/libpkcs11.so")
    assert "/nowhere/libpkcs11.so" in refusal()


def test_certificates_that_cannot_be_read(use_device, softhsm, tmp_path):
    use_device(CERTIFICATES="/nowhere/chain.pem")
    assert "/nowhere/chain.pem cannot be read" in refusal()
    (tmp_path / "chain.pem").write_text("none")
    use_device(CERTIFICATES=str(tmp_path / "chain.pem"))
    assert "contains no PEM certificates" in refusal()


def test_without_the_python_package_it_says_so(use_device, monkeypatch):
    use_device()
    seal_device.seal_in_token.cache_clear()
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    assert "requires the Python package python-pkcs11" in refusal()


def test_verifying_asks_no_device(use_device):
    use_device()
    sealed = seal(DRAFT)
    use_device(PKCS11_TOKEN="away")
    assert len(trust().roots) == 1
    validate_seal(sealed, draft=DRAFT)
