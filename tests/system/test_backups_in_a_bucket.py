"""Backups are made, resumed, restored and deleted in a bucket; a failing store gets a clear error."""

from datetime import timedelta

import boto3
import pyrage
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from contracts.operations.backup.places import LOCK_KEY, find_place
from tests.system.backups import back_up_in_part, empty_system, fill, said, stored_in

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True), pytest.mark.rule("R27")]
BUCKET = "backups"


@pytest.fixture
def store(endpoint):
    """An empty bucket's client."""
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    client.create_bucket(Bucket=BUCKET)
    for name in names(client):
        client.delete_object(Bucket=BUCKET, Key=name)
    return client


@pytest.fixture
def url(endpoint, store) -> str:
    """With credentials of its own, so that those of the documents cannot delete backups."""
    return f"s3://{BUCKET}/contracts?endpoint_url={endpoint}&region_name=us-east-1&access_key=key&secret_key=secret"


@pytest.fixture
def filled(tmp_path, settings) -> None:
    stored_in(tmp_path / "files", settings)
    fill()


def names(client) -> list[str]:
    return [found["Key"] for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_system_is_restored_from_it(filled, url, store, tmp_path, settings, encrypted):
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(str(key))
    settings.BACKUP_RECIPIENTS = [str(key.to_public())] if encrypted else []
    told = said("back_up", url)[1]
    assert "12 files, 12 of them new" in told
    assert "secret" not in told
    assert all(name.startswith("contracts/") for name in names(store))
    with empty_system(tmp_path, settings):
        said("restore", url, *(["--identity", tmp_path / "key"] if encrypted else []))
        assert said("verify_restore", url, "--processes", "1")[0] == []


def test_the_next_backup_copies_only_new_files_and_older_ones_go(filled, url, store):
    said("back_up", url)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert "12 files, 0 of them new" in said("back_up", url)[1]
    before = len(names(store))
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert "2 older backups were deleted" in said("back_up", url, "--keep", "1")[1]
    assert len(names(store)) == before - 3


def test_a_backup_that_was_broken_off_is_none_and_the_next_goes_on_from_it(filled, url, store, monkeypatch):
    back_up_in_part(url, 5, monkeypatch)
    with pytest.raises(CommandError, match="does not hold a complete backup"):
        call_command("restore", url)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert "12 files, 7 of them new" in said("back_up", url)[1]
    assert len([name for name in names(store) if name.endswith("database.dump")]) == 1


@pytest.mark.postgresql
def test_two_backups_into_one_bucket_do_not_meet(url):
    with find_place(url).locked(), pytest.raises(CommandError, match=f"Another backup to s3://{BUCKET}/contracts"):
        call_command("back_up", url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [LOCK_KEY])
        assert cursor.fetchone() == (0,)


def test_a_bucket_with_anything_else_is_refused(url, store):
    store.put_object(Bucket=BUCKET, Key="contracts/holiday.jpg", Body=b"")
    with pytest.raises(CommandError, match=r"neither empty nor a backup folder: it holds holiday\.jpg"):
        call_command("back_up", url)


def test_a_bucket_that_does_not_exist_is_named_without_the_password(url):
    with pytest.raises(CommandError, match="NoSuchBucket") as refusal:
        call_command("back_up", url.replace("s3://backups", "s3://forgotten"))
    assert "s3://forgotten/contracts" in str(refusal.value)
    assert "secret" not in str(refusal.value)
