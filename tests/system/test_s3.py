"""Documents in a store that speaks S3, as `STORAGE_URL=s3://…` names it: what holds for a disk holds for it."""

import socket
from datetime import timedelta
from io import StringIO

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common import object_store
from common.circuit_breaker import CircuitOpen
from common.errors import Refused
from config.environment import storage
from contracts.documents import files as documents
from contracts.models import AuditEvent, Contract, ContractDocument, TrailSeal
from contracts.services import convert_to_official
from contracts.tasks import seal_audit_trail
from contracts.verification.file_verdict import verdict_of_file
from exports.models import Export
from jobs.models import JobState
from tests import factories
from tests.system.backups import empty_system, fill, said

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client(endpoint, monkeypatch):
    """Of the store, with the credentials that the project reads from its environment too."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")


@pytest.fixture
def stored(client, endpoint, settings):
    """Makes a bucket and keeps documents there from now on, under a prefix."""

    def keep_in(bucket: str) -> None:
        client.create_bucket(Bucket=bucket)
        url = f"s3://{bucket}/contracts?endpoint_url={endpoint}&region_name=us-east-1"
        settings.STORAGES = {**settings.STORAGES, "default": storage(url)}

    return keep_in


def names(client, bucket: str) -> set[str]:
    return {found["Key"] for found in client.list_objects_v2(Bucket=bucket).get("Contents", [])}


@pytest.mark.rule("R23")
def test_a_contract_is_drafted_sealed_read_and_verified(issuer, client, stored):
    stored("drafted")
    contract = factories.official(factories.member())

    kept = {document.kind: documents.read(document) for document in contract.documents.all()}
    assert names(client, "drafted") == {f"contracts/{documents.path_of(d.sha256)}" for d in contract.documents.all()}
    assert kept["official"].startswith(kept["draft"])
    assert verdict_of_file(kept["official"]).authentic
    assert said("verify_archive", "--contract", contract.number, "--processes", "1")[0] == []


@pytest.mark.rule("R23")
def test_a_store_that_cannot_be_written_refuses_and_nothing_is_changed(issuer, client, stored):
    actor = factories.member()
    stored("taken-away")
    contract = factories.draft(actor)
    events = AuditEvent.objects.count()
    for name in names(client, "taken-away"):
        client.delete_object(Bucket="taken-away", Key=name)
    client.delete_bucket(Bucket="taken-away")

    for attempt in (lambda: factories.draft(actor), lambda: convert_to_official(contract=contract, by=actor)):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.code == "storage_unavailable"
    assert [c.status for c in Contract.objects.all()] == ["draft"]
    assert (ContractDocument.objects.count(), AuditEvent.objects.count()) == (1, events)


def test_what_was_changed_in_the_store_is_found(issuer, client, stored):
    stored("changed")
    contract = factories.official(factories.member())
    document = contract.documents.get(kind="official")
    client.put_object(Bucket="changed", Key=f"contracts/{documents.path_of(document.sha256)}", Body=b"%PDF-1.7 other")

    with pytest.raises(Refused) as caught:
        documents.read(document)
    assert caught.value.code == "storage_unavailable"
    assert contract.number in "".join(said("verify_archive", "--contract", contract.number, "--processes", "1")[0])


def test_a_document_is_read_with_one_request(issuer, client, stored):
    stored("counted")
    document = factories.draft(factories.member()).documents.get()
    asked = []
    own = default_storage.connection.meta.client
    own.meta.events.register("before-send.s3", lambda request, **_: asked.append(request.method))

    documents.read(document)
    assert asked == ["GET"]


def test_a_missing_file_is_told_as_one_that_is_missing_on_a_disk(client, stored):
    stored("empty")
    with pytest.raises(FileNotFoundError):
        default_storage.open("documents/00/none.pdf")


def test_a_store_that_hangs_costs_one_wait_and_is_then_left_alone(settings, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(object_store, "CLIENT_CONFIG", object_store.CLIENT_CONFIG.merge(Config(read_timeout=1)))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"s3://any/?endpoint_url=http://127.0.0.1:{silent.getsockname()[1]}&region_name=us-east-1"
        settings.STORAGES = {**settings.STORAGES, "default": storage(url)}
        with pytest.raises(ReadTimeoutError):
            default_storage.open("documents/00/any.pdf")
        for call in (default_storage.open, default_storage.exists, default_storage.listdir, default_storage.delete):
            with pytest.raises(CircuitOpen):
                call("documents")
        with pytest.raises(CircuitOpen):
            default_storage.save("documents", ContentFile(b"content"))


def test_backed_up_and_restored_into_another_bucket(tmp_path, settings, client, stored):
    stored("first")
    fill()
    files = names(client, "first")
    folder = tmp_path / "backup"
    assert said("back_up", folder)[0] == []
    with empty_system(tmp_path, settings):
        stored("second")
        said("restore", folder)
        wrong, told = said("verify_restore", folder, "--processes", "1")
        assert wrong == []
        assert "the same rows and files" in told
    assert names(client, "second") == files


@pytest.mark.rule("R43")
def test_a_stored_export_is_streamed(issuer, client, stored, monkeypatch):
    stored("exported")
    member = factories.MembershipFactory(account=factories.PartyProfileFactory().account)
    export = Export.objects.create(
        account=member.account,
        user=member.user,
        exporter="contracts",
        format="csv",
        parameters={},
        language="en",
        status=Export.Status.READY,
        requested_at=timezone.now(),
        size=300_000,
    )
    default_storage.save(export.path, ContentFile(b"a" * 300_000))
    monkeypatch.setattr("common.object_store.BytesIO", None)  # which a file in memory would be
    browser = Client()
    browser.force_login(member.user)

    answer = browser.get(reverse("export-file", args=[export.pk]))

    assert answer["Content-Length"] == "300000"
    blocks = list(answer.streaming_content)
    assert b"".join(blocks) == b"a" * 300_000
    assert max(map(len, blocks)) <= 65_536


def test_a_bucket_that_does_not_exist_is_named_and_work_goes_on_once_it_does(client, endpoint, settings, issuer):
    """The daily sealing that failed at a worker's start was tried again only after an hour."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": storage(f"s3://forgotten?endpoint_url={endpoint}&region_name=us-east-1"),
    }
    default_storage._breaker.after_seconds = 60  # a slow answer on a busy machine is no hang
    with pytest.raises(ClientError):
        seal_audit_trail()
    output = StringIO()
    with pytest.raises(CommandError, match="Failed: storage, jobs"):
        call_command("check_system", "storage", "jobs", stdout=output)
    assert ["NoSuchBucket" in line for line in output.getvalue().splitlines()] == [True, True]
    parts = Client().get("/readyz").json()
    assert (parts["storage"], parts["jobs"]) == ("failed", "failed")

    client.create_bucket(Bucket="forgotten")
    JobState.objects.update(failed_at=timezone.now() - timedelta(minutes=1))
    seal_audit_trail(if_due=True)

    assert TrailSeal.objects.exists()
    call_command("check_system", "storage", "jobs", stdout=StringIO())
