"""Writes tests/data/releases/VERSION-ENGINE.tar.gz: a backup of a small system of this version, for test_upgrade.py.

Not a test: run it by name at a release, on each engine (docs/upgrading.md).
"""

import shutil
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from contracts.models import Contract
from tests import factories
from tests.system.backups import STATUSES, fill, said, stored_in
from tests.system.releases import RELEASES, own_version

pytestmark = pytest.mark.django_db(transaction=True)


def test_write(tmp_path: Path, settings) -> None:
    archive = RELEASES / f"{own_version()}-{connection.vendor}"
    assert not archive.with_name(f"{archive.name}.tar.gz").exists(), "What was released does not change."
    stored_in(tmp_path / "files", settings)
    fill()
    factories.draft(factories.member(), type="payment_request")
    assert set(Contract.objects.values_list("status", flat=True)) == STATUSES
    assert said("back_up", tmp_path / "sample" / "backup")[0] == []
    (tmp_path / "sample" / "seal").mkdir()
    for name in ("ca.pem", "seal.p12"):
        shutil.copy(django_settings.DATA_DIR / "seal" / name, tmp_path / "sample" / "seal")
    shutil.make_archive(str(archive), "gztar", tmp_path / "sample")
