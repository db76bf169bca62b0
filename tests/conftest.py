"""Every run has a data folder, a storage and a test seal of its own; every test has the clock it asks for."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import override_settings

from billing.models import ApiToken, Issuer, Membership
from tests import factories

SEAL_MADE_AT = datetime.fromisoformat("2026-01-02T00:00:00+00:00")
SHARED_NOON = datetime.fromisoformat("2026-11-22T12:00:00+08:00")


@pytest.fixture(scope="session", autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    data = tmp_path_factory.mktemp("data")
    storages = {
        **django_settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(data / "files"), "allow_overwrite": True},
        },
    }
    with override_settings(
        DATA_DIR=data,
        SEAL_P12=str(data / "seal" / "seal.p12"),
        SEAL_P12_PASSPHRASE="",
        SEAL_ALLOW_TEST=True,
        STORAGES=storages,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        with time_machine.travel(SEAL_MADE_AT):  # before any time that a test asks for
            call_command("init_seal", verbosity=0)
        yield


@pytest.fixture
def files(settings) -> Path:
    """The folder of the storage."""
    return Path(settings.STORAGES["default"]["OPTIONS"]["location"])


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """The clock stands at 2026-11-22 12:00 in Shanghai, on a seal made before; `clock.move_to` moves it."""
    with time_machine.travel(SHARED_NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def issuer(db) -> Issuer:
    return factories.IssuerFactory()


@pytest.fixture
def membership(issuer) -> Membership:
    """The owner of a certified account whose details are known."""
    return factories.MembershipFactory(account=factories.PartyProfileFactory().account)


class Api:
    """A client of the API with the token of a member (or of nobody). Answers are Django test responses."""

    def __init__(self, token: str = "") -> None:
        from django.test import Client

        self.client = Client(headers={"Authorization": f"Token {token}"} if token else {})

    def __getattr__(self, method: str):
        call = getattr(self.client, method)

        def send(path: str, data=None, **kwargs):
            if method != "get":
                kwargs.setdefault("content_type", "application/json")
            return call(f"/api/v1/{path}", data, **kwargs)

        return send


@pytest.fixture
def api(membership) -> Api:
    return Api(ApiToken.for_member(membership)[1])
