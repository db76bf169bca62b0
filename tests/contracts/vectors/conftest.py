"""The kit, made once for the module, in a transaction that is rolled back behind it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings

from tests.contracts.vectors.keys import OurAuthority
from tests.contracts.vectors.kit import Kit, make_kit


@pytest.fixture(scope="module")
def kit(
    _own_data_folder: None, django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kit]:
    ours = OurAuthority.in_folder(Path(django_settings.SEAL_P12).parent)
    folder = tmp_path_factory.mktemp("trust")
    ours.write_trust(folder)
    trusted = {
        "SEAL_EARLIER_CERTIFICATES": str(folder / "earlier-seals.pem"),
        "SEAL_ROOTS": str(folder / "former-ca.pem"),
        "SEAL_TSA_ROOTS": str(folder / "tsa.pem"),
        "SEAL_CRL": str(folder / "seals.crl"),
    }
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # it tells of every bad signature at length
    with django_db_blocker.unblock(), override_settings(SEAL_TSA_URL="", **trusted), transaction.atomic():
        yield make_kit(ours)
        transaction.set_rollback(True)
    logging.getLogger("pyhanko").setLevel(logging.NOTSET)
