"""A timestamp server on this machine, which can be told to go wrong."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.timestamps import DummyTimeStamper

from tests.contracts.sealing.conftest import Authority, issue

Answer = tuple[int, str, bytes]
"""HTTP status, content type, body."""
REPLY = "application/timestamp-reply"


class Unit:
    """A timestamp unit: its key, under `authority`. `options` are those of its certificate."""

    def __init__(self, authority: Authority, **options) -> None:
        key = rsa.generate_private_key(65537, 2048)
        usage = frozenset({"digital_signature"})
        extended = ExtendedKeyUsageOID.TIME_STAMPING
        self.certificate = issue("Timestamp Unit", key, authority=authority, usage=usage, extended=extended, **options)
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        certificate = asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))
        self.stamper = DummyTimeStamper(certificate, keys.PrivateKeyInfo.load(der))

    def __call__(self, request: bytes) -> Answer:
        return 200, REPLY, self.stamper.request_tsa_response(tsp.TimeStampReq.load(request)).dump()

    def for_another(self, **fields) -> Callable[[bytes], Answer]:
        """Answers as though something else had been asked: `nonce`, or `hashed_message`."""

        def answer(request: bytes) -> Answer:
            asked = tsp.TimeStampReq.load(request)
            if "nonce" in fields:
                asked["nonce"] = fields["nonce"]
            if "hashed_message" in fields:
                asked["message_imprint"]["hashed_message"] = fields["hashed_message"]
            return 200, REPLY, self.stamper.request_tsa_response(asked).dump()

        return answer


@contextmanager
def serving(answer: Callable[[bytes], Answer | None]) -> Iterator[str]:
    """The address of a server that gives `answer` to each request; None is never to answer."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            found = answer(self.rfile.read(int(self.headers["Content-Length"])))
            if found is None:
                ended.wait()
                return
            status, kind, body = found
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.headers["Content-Length"] = "0"
            self.do_POST()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
