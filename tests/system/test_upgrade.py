"""What a released version stored is upgraded, is still sound, and is worked on (docs/upgrading.md)."""

import json
import shutil
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import Membership
from contracts.models import Contract
from contracts.services import approve_void, convert_to_official, request_void
from contracts.trail.daily_seals import seal_trails
from tests import factories
from tests.system.backups import STATUSES, empty_system, said, sets
from tests.system.releases import RELEASES, own_version, versions

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True)]


def test_this_version_has_a_sample_of_its_own():
    assert own_version() in versions()


@pytest.fixture
def sample(request, tmp_path, settings) -> Path:
    """The backup of a version; its seal is used."""
    shutil.unpack_archive(RELEASES / f"{request.param}-{connection.vendor}.tar.gz", tmp_path / "sample", filter="data")
    settings.SEAL_P12 = str(tmp_path / "sample" / "seal" / "seal.p12")
    return tmp_path / "sample" / "backup"


@pytest.mark.parametrize("sample", versions(), indirect=True)
def test_a_system_of_it_is_upgraded_and_worked_on(sample, tmp_path, settings):
    for factory in (factories.UserFactory, factories.ProductFactory, factories.OrderFactory):
        factory.reset_sequence(1000, force=True)  # the sample has the first numbers
    made_at = datetime.fromisoformat(json.loads((sets(sample)[-1] / "manifest.json").read_text())["made_at"])
    with time_machine.travel(made_at + timedelta(hours=1)), empty_system(tmp_path, settings):
        said("restore", sample)
        call_command("migrate", stdout=StringIO())
        assert said("verify_archive", "--processes", "1")[0] == []
        assert set(Contract.objects.values_list("status", flat=True)) == STATUSES

        draft = Contract.objects.filter(type="order").get(status="draft")
        actor = actor_of(Membership.objects.get(account=draft.account), "page")
        contract = convert_to_official(contract=draft, by=actor)
        approve_void(ticket=request_void(contract=contract, reason="an upgrade", by=actor), by=factories.staff())
        factories.official(actor)
        seal_trails(now=timezone.now() + timedelta(days=1))
        assert said("verify_archive", "--processes", "1")[0] == []
