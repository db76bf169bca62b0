"""The official document by email: to whom, which bytes, and what the timeline says of each sending."""

import email.policy
import hashlib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts.access.actors import actor_of
from contracts import services
from contracts.bulk.batches import create_batch, run_due_batches
from contracts.documents import files as documents
from contracts.models import Batch, ContractDocument, Delivery
from emails import sending
from emails.models import Notice
from emails.sending import RETRY_DELAYS, send_due_emails
from tests.contracts.pages.conftest import draft, visit
from tests.emails.mail import mail_server
from tests.factories import staff

__all__ = ["draft", "visit"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CC = ["cfo@customer.example", "archive@customer.example"]


@pytest.fixture
def by(membership):
    membership.account.cc_emails = CC
    membership.account.save()
    return actor_of(membership, "page")


@pytest.fixture
def contact(membership) -> str:
    return membership.account.profile.email


def states(contract) -> dict[str, str]:
    return dict(contract.deliveries.values_list("address", "state"))


def registered(contract) -> ContractDocument:
    return documents.of_kind(contract, ContractDocument.Kind.OFFICIAL)


def test_the_registered_file_goes_to_the_contact_and_each_cc_address(draft, by, contact):
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)

    send_due_emails()

    assert sorted(message.to for message in mail.outbox) == sorted([address] for address in [contact, *CC])
    assert states(contract) == dict.fromkeys([contact, *CC], "sent")
    for message in mail.outbox:
        parsed = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
        [attached] = parsed.iter_attachments()
        content = attached.get_payload(decode=True)
        assert content == documents.read(registered(contract))
        assert hashlib.sha256(content).hexdigest() == registered(contract).sha256
        assert attached.get_filename() == f"{contract.number}.pdf"
        assert parsed.get_body(("plain",)).get_content().count(registered(contract).sha256) == 2  # in two languages


def test_the_bytes_on_the_wire_are_those_of_the_file(draft, by, settings):
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)
    with mail_server(settings) as taken:
        send_due_emails()
    message = b"".join(taken).partition(b"Content-Type: multipart/mixed")
    parsed = email.message_from_bytes(b"Content-Type: multipart/mixed" + message[2].split(b"\r\ncalled")[0])
    pdf = next(part for part in parsed.walk() if part.get_content_type() == "application/pdf")
    assert pdf.get_payload(decode=True) == documents.read(registered(contract))


@pytest.mark.parametrize(("setting", "deliver", "sent"), [(True, None, 3), (True, False, 0), (False, None, 0)])
def test_the_accounts_setting_is_the_default(draft, by, membership, setting, deliver, sent):
    membership.account.deliver_by_email = setting
    membership.account.save()
    services.convert_to_official(contract=draft(), by=by, deliver=deliver)
    assert Notice.objects.count() == sent


def test_a_large_file_is_a_link_to_sign_in(draft, by, settings):
    settings.EMAIL_ATTACHMENT_MAX_MB = 0
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)
    send_due_emails()
    for message in mail.outbox:
        assert not message.attachments
        assert "too large for an email" in message.body
        assert f"/contracts/{contract.number}/" in message.body
        assert registered(contract).sha256 in message.body


def test_one_bad_mailbox_stops_nothing_and_is_retried(draft, by, membership, settings, clock, contact):
    membership.account.cc_emails = ["refused@customer.example", "cfo@customer.example"]
    membership.account.save()
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)
    with mail_server(settings):
        send_due_emails()
        assert states(contract) == {contact: "sent", "refused@customer.example": "waiting", CC[0]: "sent"}
        for delay in RETRY_DELAYS:
            clock.shift(delay + timedelta(seconds=1))
            send_due_emails()
    assert states(contract) == {contact: "sent", "refused@customer.example": "failed", CC[0]: "sent"}
    assert contract.deliveries.get(state="failed").error == "SMTPRecipientsRefused 550"


def test_the_timeline_says_to_whom_when_and_why_not(draft, by, membership, visit, settings, clock):
    membership.account.cc_emails = ["refused@customer.example"]
    membership.account.save()
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)
    page = f"/contracts/{contract.number}/"
    assert "Official PDF is being sent to refused@customer.example" in visit.get(page).text
    with mail_server(settings):
        send_due_emails()
        assert "the last attempt failed: SMTPRecipientsRefused 550" in visit.get(page).text
        for delay in RETRY_DELAYS:
            clock.shift(delay + timedelta(seconds=1))
            send_due_emails()
    assert (
        "Official PDF could not be sent to refused@customer.example: SMTPRecipientsRefused 550" in visit.get(page).text
    )
    Notice.objects.all().delete()  # as retention does
    assert f"Official PDF sent to {membership.account.profile.email}" in visit.get(page).text


def test_voided_contracts_are_not_sent(draft, by):
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)
    ticket = services.request_void(contract=contract, by=by, reason="Wrong orders")
    services.approve_void(ticket=ticket, by=staff(), note="")
    Notice.objects.exclude(kind="official_document").delete()

    send_due_emails()

    assert not mail.outbox
    assert set(contract.deliveries.values_list("state", "error")) == {
        ("failed", "The contract is no longer in force."),
    }


def test_invalid_contracts_are_not_sent_even_before_the_scheduler_has_run(draft, by, clock):
    contract = services.convert_to_official(contract=draft("payment_request"), by=by, deliver=True)
    clock.move_to(contract.expires_at)
    send_due_emails()
    assert not mail.outbox
    assert set(contract.deliveries.values_list("state", flat=True)) == {"failed"}


def test_nothing_is_written_when_the_conversion_fails(draft, by, monkeypatch):
    def fail(*_given: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("contracts.services.convert.send_document", lambda *args, **kwargs: fail())
    with pytest.raises(RuntimeError):
        services.convert_to_official(contract=draft(), by=by, deliver=True)
    assert not Delivery.objects.exists()


class Killed(BaseException):
    """The worker is killed."""


def test_a_killed_worker_sends_none_of_the_others_twice(draft, by, monkeypatch, clock):
    """Of the email that it had in hand the server may see a duplicate, with the same Message-ID, as of any notice."""
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)
    send = EmailBackend.send_messages

    def send_and_die(self, messages):
        send(self, messages)
        if len(mail.outbox) == 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", send_and_die)
        with pytest.raises(Killed):
            send_due_emails()
    clock.shift(sending.LEASE + timedelta(seconds=1))
    send_due_emails()

    sent = [(message.to[0], message.extra_headers["Message-ID"]) for message in mail.outbox]
    assert len(set(sent)) == 3
    assert len(sent) == 4
    assert set(states(contract).values()) == {"sent"}


def test_an_unreadable_file_is_tried_again(draft, by, files, clock):
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)
    path = files / documents.path_of(registered(contract).sha256)
    content = path.read_bytes()
    path.write_bytes(b"changed")
    send_due_emails()
    assert not mail.outbox
    assert set(Notice.objects.values_list("error", flat=True)) == {"Refused storage_unavailable"}

    path.write_bytes(content)
    clock.shift(RETRY_DELAYS[0])
    send_due_emails()
    assert set(states(contract).values()) == {"sent"}


@pytest.mark.parametrize(("ticked", "sent"), [({"deliver": "on"}, 3), ({}, 0)])
def test_the_page_asks(draft, by, visit, contact, ticked, sent):
    contract = draft()
    asked = visit.get(f"/contracts/{contract.number}/convert/").text
    assert f"To {contact}, {', '.join(CC)}." in asked
    visit.post(f"/contracts/{contract.number}/convert/", {"consent": "on", **ticked})
    assert contract.deliveries.count() == sent


def test_the_page_follows_the_setting(draft, by, membership, visit):
    contract = draft()
    assert " checked>" not in visit.get(f"/contracts/{contract.number}/convert/").text
    membership.account.deliver_by_email = True
    membership.account.save()
    assert 'id="id_deliver" checked>' in visit.get(f"/contracts/{contract.number}/convert/").text


def test_a_batch_asks_too(draft, by, visit, membership):
    contract = draft()
    posted = {"action": "convert", "number": contract.number}
    assert 'name="deliver"' in visit.post("/contracts/batches/", posted).text
    visit.post("/contracts/batches/", {**posted, "confirmed": "1", "consent": "on", "deliver": "on"})
    run_due_batches()
    assert contract.deliveries.count() == 3


def test_the_api_asks_with_deliver(draft, by, api):
    first, second, third = draft(), draft(), draft()
    assert api.post(f"contracts/{first.number}/convert/", {"deliver": True}).status_code == 200
    assert api.post(f"contracts/{second.number}/convert/").status_code == 200
    assert api.post(f"contracts/{third.number}/convert/", {"deliver": "yes"}).status_code == 400
    assert (first.deliveries.count(), second.deliveries.count()) == (3, 0)
    batch = {"action": "convert", "numbers": [third.number], "deliver": True}
    assert api.post("contracts/batches/", batch).status_code == 202
    run_due_batches()
    assert third.deliveries.count() == 3
    refused = api.post("contracts/batches/", {**batch, "action": "void"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/deliver")


def test_a_batch_without_a_choice_follows_the_setting(draft, by, membership):
    membership.account.deliver_by_email = True
    membership.account.save()
    contract = draft()
    create_batch(action=Batch.Action.CONVERT, numbers=[contract.number], by=by)
    run_due_batches()
    assert contract.deliveries.count() == 3


def test_staff_see_and_resend_a_failed_one(draft, by, settings):
    contract = services.convert_to_official(contract=draft(), by=by, deliver=True)
    Notice.objects.update(state="failed", attempts=10, error="SMTPRecipientsRefused 550")
    contract.deliveries.update(state="failed", ended_at=timezone.now(), error="SMTPRecipientsRefused 550")
    Notice.objects.update(state="pending", attempts=0)
    send_due_emails()
    assert set(contract.deliveries.values_list("state", "error")) == {("sent", "")}
