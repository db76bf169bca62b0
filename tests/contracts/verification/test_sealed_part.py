"""A file that begins with a sealed document of ours: the document alone is offered to whoever sent it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from contracts.sealing.key import configured_seal
from contracts.services import approve_void, request_void
from contracts.verification.file_verdict import verdict_of_file
from tests import factories
from tests.contracts.vectors.forging import with_validation_data
from tests.contracts.verification.conftest import codes_of, file_of, with_white_box

pytestmark = pytest.mark.django_db


def token_of(client, content: bytes) -> str:
    """The token in the page that verifies the file; empty if it offers no document."""
    page = client.post("/verify/", {"file": SimpleUploadedFile("a.pdf", content)}).text
    _, _, behind = page.partition('name="token" value="')
    return behind.partition('"')[0]


def saved(client, token: str):
    return client.post("/verify/sealed-part/", {"token": token})


@pytest.fixture
def voided(official, membership):
    ticket = request_void(contract=official, reason="Wrong order", by=actor_of(membership, "page"))
    return approve_void(ticket=ticket, by=factories.staff()).contract


@pytest.mark.parametrize("change", [lambda sealed: sealed + b"more", with_white_box], ids=["junk", "white box"])
def test_the_sealed_part_of_a_file_with_an_addition_can_be_saved(client, official, change):
    sealed = file_of(official)
    answer = saved(client, token_of(client, change(sealed)))

    assert answer.content == sealed
    assert answer["Content-Disposition"] == f'attachment; filename="{official.number}.pdf"'
    assert verdict_of_file(answer.content).authentic


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=400)])
def test_harmless_additions_are_called_so_and_the_file_is_still_not_the_registered_one(client, official, later):
    """Programs that add something also write when."""
    with time_machine.travel(timezone.now() + later):
        content = with_validation_data(file_of(official), configured_seal().chain[-1])
    verdict = verdict_of_file(content)

    assert (verdict.authentic, codes_of(verdict), verdict.number) == (False, ["added_later"], official.number)
    assert saved(client, token_of(client, content)).content == file_of(official)


def test_nothing_is_offered_that_the_file_does_not_begin_with(client, official):
    sealed = file_of(official)
    for content in (sealed, sealed[:-1], b"x" + sealed, file_of(official, "draft") + b"more"):
        assert token_of(client, content) == ""


@pytest.mark.rule("R18")
def test_of_a_voided_contract_only_the_void_certificate_can_be_saved(client, official, request):
    content = file_of(official) + b"more"
    token = token_of(client, content)
    request.getfixturevalue("voided")

    assert token_of(client, content) == ""
    assert saved(client, token).status_code == 410
    certificate = file_of(official, "void_certificate")
    assert saved(client, token_of(client, certificate + b"more")).content == certificate


def test_a_token_that_is_made_up_too_old_or_of_another_page_gives_nothing(client, official, clock):
    token = token_of(client, file_of(official) + b"more")
    other = signing.dumps(official.documents.get(kind="official").sha256)

    for wrong in ("", "x", other, token[:-1]):
        assert saved(client, wrong).status_code == 400
    clock.shift(601)
    assert saved(client, token).status_code == 400
    assert Client(enforce_csrf_checks=True).post("/verify/sealed-part/", {"token": token}).status_code == 403


def test_saving_counts_as_a_verification(client, official):
    token = token_of(client, file_of(official) + b"more")
    for _ in range(60):
        client.get("/verify/", {"code": "ABCD"})
    answer = saved(client, token)

    assert (answer.status_code, answer["Retry-After"].isdecimal()) == (429, True)
