"""Level B-T: a timestamp is there and true, or the contract stays a draft; never silently without, never false."""

from datetime import timedelta
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from contracts.sealing import SealUnavailable, timestamps, validate_seal
from tests.contracts.sealing.conftest import make_authority, make_crl, make_draft, seal
from tests.contracts.sealing.tsa import REPLY, Unit, serving

DRAFT = make_draft()


@pytest.fixture(scope="module")
def unit(tsa_root):
    return Unit(tsa_root)


@pytest.fixture
def use_server(use_seal, settings, tsa_root):
    """Seal with the timestamp server at an address, whose root we trust."""

    def use(url: str) -> None:
        use_seal(other_roots=(tsa_root.certificate,))
        settings.SEAL_TSA_URL = url

    return use


def timestamped(sealed: bytes) -> bool:
    (signature,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    unsigned = signature.signer_info["unsigned_attrs"]
    return "signature_time_stamp_token" in [attribute["type"].native for attribute in unsigned]


def refusal() -> str:
    with pytest.raises(SealUnavailable) as refused:
        seal(DRAFT)
    assert (refused.value.code, refused.value.status) == ("seal_unavailable", 503)
    return refused.value.detail


def test_a_timestamped_seal_validates_and_is_b_t(use_server, unit):
    with serving(unit) as url:
        use_server(url)
        sealed = seal(DRAFT)
    assert timestamped(sealed)
    assert validate_seal(sealed, draft=DRAFT) == "B-T"


def test_the_servers_root_may_be_given_apart_from_the_seal(use_seal, settings, unit, tsa_root, tmp_path):
    use_seal()
    (tmp_path / "tsa.pem").write_bytes(tsa_root.certificate.public_bytes(Encoding.PEM))
    settings.SEAL_TSA_ROOTS = str(tmp_path / "tsa.pem")
    with serving(unit) as url:
        settings.SEAL_TSA_URL = url
        assert validate_seal(seal(DRAFT), draft=DRAFT) == "B-T"


def test_level_b_b_asks_no_server(use_seal, settings):
    use_seal()
    settings.SEAL_TSA_URL = "http://127.0.0.1:9/tsa"
    settings.SEAL_LEVEL = "B-B"
    assert validate_seal(seal(DRAFT), draft=DRAFT) == "B-B"


def test_a_seal_without_the_timestamp_that_is_asked_for_is_refused(use_seal, settings):
    use_seal()
    sealed = seal(DRAFT)
    settings.SEAL_TSA_URL = "https://tsa.example.com/"
    with pytest.raises(SealUnavailable, match="it has no timestamp"):
        validate_seal(sealed, draft=DRAFT)


def test_a_server_that_cannot_be_reached(use_server):
    use_server("http://127.0.0.1:9/tsa")
    assert "timestamp server http://127.0.0.1:9/tsa failed" in refusal()
    assert "check SEAL_TSA_URL" in refusal()


def test_a_server_that_never_answers(use_server, monkeypatch):
    monkeypatch.setattr(timestamps, "TSA_TIMEOUT", 0.2)
    with serving(lambda request: None) as url:
        use_server(url)
        assert "failed: Error while contacting timestamp service" in refusal()


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (500, "text/plain", b"down"),
        (200, "text/html", b"<html>Sign in</html>"),
        (200, REPLY, b""),
        (200, REPLY, b"<html>Sign in</html>"),
        (200, REPLY, bytes.fromhex("30053003020102")),  # status 2, rejection
        (200, REPLY, bytes.fromhex("30053003020100")),  # granted, and no token
    ],
)
def test_a_server_that_answers_with_anything_but_a_timestamp(use_server, status, kind, body):
    with serving(lambda request: (status, kind, body)) as url:
        use_server(url)
        assert f"timestamp server {url} failed" in refusal()


def test_a_timestamp_for_another_request(use_server, unit):
    with serving(unit.for_another(nonce=12345)) as url:
        use_server(url)
        assert "not a timestamp for this request" in refusal()


def test_a_timestamp_of_another_document(use_server, unit):
    with serving(unit.for_another(hashed_message=b"\0" * 32)) as url:
        use_server(url)
        assert "its timestamp is invalid" in refusal()


def test_a_timestamp_with_a_forged_signature(use_server, unit):
    def forged(request: bytes):
        status, kind, body = unit(request)
        return status, kind, body[:-1] + bytes([body[-1] ^ 1])

    with serving(forged) as url:
        use_server(url)
        assert "its timestamp is invalid" in refusal()


@pytest.mark.parametrize("name", ["Stranger", "Timestamp Root"])
def test_a_server_under_another_root_even_of_the_same_name(use_server, name):
    with serving(Unit(make_authority(name, rsa.generate_private_key(65537, 2048)))) as url:
        use_server(url)
        assert "its certificate has expired or is not trusted" in refusal()
        assert "SEAL_TSA_ROOTS" in refusal()


def test_a_server_whose_certificate_has_expired(use_server, tsa_root):
    with serving(Unit(tsa_root, begins=timedelta(days=-20), ends=timedelta(days=-10))) as url:
        use_server(url)
        assert "its certificate has expired or is not trusted" in refusal()


def test_a_server_whose_certificate_was_revoked(use_server, settings, tsa_root, unit, tmp_path):
    (tmp_path / "tsa.crl").write_bytes(make_crl(tsa_root, unit.certificate))
    settings.SEAL_CRL = str(tmp_path / "tsa.crl")
    with serving(unit) as url:
        use_server(url)
        assert "its certificate was revoked" in refusal()


def test_the_operator_may_choose_to_seal_without_while_the_server_fails(use_server, settings, unit, caplog):
    settings.SEAL_TSA_FAILURE = "seal_without"
    use_server("http://127.0.0.1:9/tsa")
    sealed = seal(DRAFT)
    assert "without a timestamp" in caplog.text
    assert validate_seal(sealed, draft=DRAFT) == "B-B"
    with serving(unit) as url:
        use_server(url)
        assert validate_seal(seal(DRAFT), draft=DRAFT) == "B-T"


def test_a_false_timestamp_is_left_out_and_not_taken_along(use_server, settings):
    settings.SEAL_TSA_FAILURE = "seal_without"
    with serving(Unit(make_authority("Stranger", rsa.generate_private_key(65537, 2048)))) as url:
        use_server(url)
        sealed = seal(DRAFT)
    assert b"Timestamp Unit".hex().encode() not in sealed
    assert validate_seal(sealed, draft=DRAFT) == "B-B"


def test_the_server_is_back_and_the_next_seal_works(use_server, unit):
    answers = iter([(503, "text/plain", b"busy")])
    with serving(lambda request: next(answers, None) or unit(request)) as url:
        use_server(url)
        refusal()
        assert validate_seal(seal(DRAFT), draft=DRAFT) == "B-T"
