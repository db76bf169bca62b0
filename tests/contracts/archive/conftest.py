from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from contracts.services import edit_remarks
from contracts.trail.daily_seals import seal_trails
from tests.contracts.sealing.conftest import Authority, issue
from tests.contracts.sealing.tsa import Unit, serving
from tests.factories import member, official


@pytest.fixture(autouse=True)
def files(own_files):
    return own_files


@pytest.fixture
def actor(issuer):
    return member()


@pytest.fixture
def contract(actor):
    """An official contract with three events, whose trail is sealed."""
    contract = official(actor)
    edit_remarks(contract=contract, remarks="for the archive", by=actor)
    seal_trails(now=timezone.now())
    return contract


class StampServer:
    """A timestamp server on this machine, under a root that is trusted. It fails while `unit` is None."""

    def __init__(self, settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.requests = 0
        self.use(ends=timedelta(days=4000))

    def use(self, **options) -> None:
        """Renew the server's certificate under a new root. `begins` and `ends` count from now, for both."""
        key = rsa.generate_private_key(65537, 2048)
        usage = frozenset({"key_cert_sign", "crl_sign"})
        name = f"Timestamp Root {len(list(self.folder.glob('*.pem')))}"
        root = Authority(issue(name, key, usage=usage, **options), key)
        (self.folder / f"{name}.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
        self.settings.SEAL_TSA_ROOTS = str(self.folder)
        self.unit = Unit(root, **options)

    def __call__(self, request: bytes):
        self.requests += 1
        return self.unit(request) if self.unit else (503, "text/plain", b"down")


@pytest.fixture
def stamp_server(settings, tmp_path, clock):
    folder = tmp_path / "timestamp-roots"
    folder.mkdir()
    server = StampServer(settings, folder)
    with serving(server) as url:
        settings.SEAL_TSA_URL = url
        settings.SEAL_LEVEL = "B-B"  # of contracts; lists are stamped whenever there is a server
        yield server
