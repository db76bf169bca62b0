import pytest
from django.utils import timezone

from contracts.services import edit_remarks
from contracts.trail.daily_seals import seal_trails
from tests.factories import member, official


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
