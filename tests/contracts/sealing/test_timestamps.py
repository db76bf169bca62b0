"""Level B-T: a timestamp is there or the contract stays a draft, never silently without."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

import pytest
from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper

from contracts import sealing
from contracts.sealing import SealUnavailable, validate_seal
from tests.contracts.sealing.conftest import issue, make_authority, make_draft, seal

DRAFT = make_draft()


@pytest.fixture(scope="module")
def tsa_root():
    return make_authority("Timestamp Root", rsa.generate_private_key(65537, 2048))


@pytest.fixture(scope="module")
def stamper(tsa_root):
    """A timestamp server without the network."""
    key = rsa.generate_private_key(65537, 2048)
    certificate = issue(
        "Timestamp Unit",
        key,
        authority=tsa_root,
        usage=frozenset({"digital_signature"}),
        extended=ExtendedKeyUsageOID.TIME_STAMPING,
    )
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return DummyTimeStamper(
        asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)), keys.PrivateKeyInfo.load(der)
    )


def test_a_timestamped_seal_validates(use_seal, settings, monkeypatch, stamper, tsa_root):
    use_seal(other_roots=(tsa_root.certificate,))
    settings.SEAL_TSA_URL = "https://tsa.example.com/"
    monkeypatch.setattr(sealing, "timestamper", lambda url: stamper)
    sealed = seal(DRAFT)
    validate_seal(sealed, draft=DRAFT)
    (signature,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    assert [attribute["type"].native for attribute in signature.signer_info["unsigned_attrs"]] == [
        "signature_time_stamp_token"
    ]


def test_a_timestamp_under_an_unknown_root_is_refused(use_seal, settings, monkeypatch, stamper):
    use_seal()
    settings.SEAL_TSA_URL = "https://tsa.example.com/"
    monkeypatch.setattr(sealing, "timestamper", lambda url: stamper)
    with pytest.raises(SealUnavailable, match="its timestamp is not trusted"):
        validate_seal(seal(DRAFT), draft=DRAFT)


def test_a_seal_without_the_timestamp_that_is_asked_for_is_refused(use_seal, settings):
    use_seal()
    sealed = seal(DRAFT)
    settings.SEAL_TSA_URL = "https://tsa.example.com/"
    with pytest.raises(SealUnavailable, match="it has no timestamp"):
        validate_seal(sealed, draft=DRAFT)


def test_a_server_that_cannot_be_reached(use_seal, settings):
    use_seal()
    settings.SEAL_TSA_URL = "http://127.0.0.1:9/tsa"
    with pytest.raises(SealUnavailable, match=r"timestamp server http://127\.0\.0\.1:9/tsa failed"):
        seal(DRAFT)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (500, "text/plain", b"down"),
        (200, "text/html", b"<html>Sign in</html>"),
        (200, "application/timestamp-reply", b""),
        (200, "application/timestamp-reply", b"<html>Sign in</html>"),
        (200, "application/timestamp-reply", bytes.fromhex("30053003020102")),  # status 2, rejection
        (200, "application/timestamp-reply", bytes.fromhex("30053003020100")),  # granted, and no token
    ],
)
def test_a_server_that_answers_with_anything_but_a_timestamp(use_seal, settings, status, kind, body):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        use_seal()
        settings.SEAL_TSA_URL = f"http://127.0.0.1:{server.server_port}/"
        with pytest.raises(SealUnavailable, match=r"timestamp server .* failed"):
            seal(DRAFT)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_expired_timestamp_server_is_refused(use_seal, settings, monkeypatch, tsa_root):
    key = rsa.generate_private_key(65537, 2048)
    expired = issue(
        "Old Timestamp Unit",
        key,
        authority=tsa_root,
        begins=timedelta(days=-20),
        ends=timedelta(days=-10),
        usage=frozenset({"digital_signature"}),
        extended=ExtendedKeyUsageOID.TIME_STAMPING,
    )
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    old = DummyTimeStamper(
        asn1_x509.Certificate.load(expired.public_bytes(Encoding.DER)), keys.PrivateKeyInfo.load(der)
    )
    use_seal(other_roots=(tsa_root.certificate,))
    settings.SEAL_TSA_URL = "https://tsa.example.com/"
    monkeypatch.setattr(sealing, "timestamper", lambda url: old)
    with pytest.raises(SealUnavailable, match="its timestamp is not trusted"):
        validate_seal(seal(DRAFT), draft=DRAFT)
