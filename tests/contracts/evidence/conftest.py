"""Contracts of every status, and a bundle unpacked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.access.actors import Actor, actor_of
from contracts import evidence, services
from contracts.models import Contract
from tests import factories
from tests.contracts.archive.conftest import stamp_server  # noqa: F401 - a fixture
from tests.contracts.evidence.auditing import unpacked
from tests.contracts.sealing.conftest import use_seal  # noqa: F401 - a fixture


@pytest.fixture
def actor(membership) -> Actor:
    return actor_of(membership, "page")


def voided_by_staff(actor: Actor) -> Contract:
    """Voided by staff: with official contract and void certificate."""
    ticket = services.request_void(contract=factories.official(actor), reason="The name was wrong", by=actor)
    return services.approve_void(ticket=ticket, by=factories.staff(), note="Agreed with them").contract


@pytest.fixture
def contract_of(actor) -> Callable[[str], Contract]:
    """A contract of each kind that a bundle can be of."""
    makers = {
        "draft": lambda: factories.draft(actor, count=2),
        "order contract": lambda: factories.official(actor, count=3, language="both"),
        "payment request": lambda: factories.official(actor, type="payment_request"),
        "voided": lambda: voided_by_staff(actor),
        "voided draft": lambda: services.void_draft(contract=factories.draft(actor), by=actor, reason="Not these"),
    }
    return lambda kind: makers[kind]()


@pytest.fixture
def unpack(tmp_path) -> Callable[[Contract], Path]:
    """Unpacks the bundle of a contract as staff get it, and returns its folder."""

    def unpack(contract: Contract) -> Path:
        where = tmp_path / contract.number
        where.mkdir()
        return unpacked(evidence.bundle(contract, voided_too=True), contract, where)

    return unpack
