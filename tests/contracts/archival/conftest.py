"""Seals at each level."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.contracts.sealing.conftest import make_crl, test_seal, tsa_root  # noqa: F401 - fixtures
from tests.contracts.sealing.tsa import Unit, serving


@pytest.fixture(scope="module")
def tsa(tsa_root):  # noqa: F811
    with serving(Unit(tsa_root)) as url:
        yield url


@pytest.fixture
def at_level(test_seal, settings, tmp_path, tsa, tsa_root) -> Callable[[str], None]:  # noqa: F811
    """Let seals be at a level from now on, with everything that it needs."""
    root, crls = tmp_path / "tsa.pem", tmp_path / "crls"
    root.write_bytes(tsa_root.certificate.public_bytes(Encoding.PEM))
    crls.mkdir()
    (crls / "tsa.crl").write_bytes(make_crl(tsa_root))
    settings.SEAL_TSA_ROOTS, settings.SEAL_CRL = str(root), str(crls)

    def set_level(level: str) -> None:
        settings.SEAL_LEVEL = level
        settings.SEAL_TSA_URL = "" if level == "B-B" else tsa

    return set_level
