from pathlib import Path

import pytest

from accounts.access.actors import Actor
from contracts.models import Contract
from tests import factories
from tests.contracts.evidence.conftest import unpack  # noqa: F401 - a fixture


@pytest.fixture
def tester(issuer) -> Actor:
    """The owner of a test account."""
    return factories.member_of_test_account()


@pytest.fixture
def actor(issuer) -> Actor:
    """The owner of a real account."""
    return factories.member()


@pytest.fixture
def trial(tester) -> Contract:
    """An official contract of a test account."""
    return factories.official(tester)


@pytest.fixture
def no_seal_of_test_accounts(settings, tmp_path) -> Path:
    """Use a data folder without the seal of test accounts; the contract seal stays."""
    settings.DATA_DIR = tmp_path
    return tmp_path
