"""Sending: each due notice once; failures are tried again, later and later, and given up in the end."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from accounts.emails import RECIPIENT_LEFT
from accounts.models import Membership
from emails.models import Notice
from emails.sending import NO_ADDRESS, RETRY_DELAYS, send_due_emails
from tests.emails.mail import acting, mail_server, no_mail_server, notice, state_of

pytestmark = pytest.mark.django_db


def test_a_due_notice_goes_to_its_recipient_once(clock):
    row = notice(acting("li@customer.example"))

    assert (send_due_emails().attempted, send_due_emails().attempted) == (1, 0)

    [email] = mail.outbox
    assert (email.to, email.cc, email.bcc) == (["li@customer.example"], [], [])
    assert (state_of(row), Notice.objects.get().sent_at) == (("sent", 1), timezone.now())


def test_it_goes_to_the_address_that_the_recipient_has_now():
    row = notice(acting("old@customer.example"))
    row.user.email = "new@customer.example"
    row.user.save()

    send_due_emails()

    assert mail.outbox[0].to == ["new@customer.example"]


def test_what_is_not_due_waits(clock):
    notice()
    Notice.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    assert send_due_emails().attempted == 0

    clock.shift(60)
    assert send_due_emails().attempted == 1


def test_the_real_backend_sends_both_parts_over_one_connection(settings):
    notice(acting("li@customer.example"))
    notice(acting("mei@customer.example"))

    with mail_server(settings) as taken:
        assert send_due_emails().attempted == 2

    assert taken.count(b"called") == 1
    text = b"".join(taken)
    assert text.count(b"Content-Type: text/plain") == text.count(b"Content-Type: text/html") == 2


def test_one_that_the_server_refuses_is_put_off_and_holds_up_no_other(settings, clock):
    refused = notice(acting("refused@customer.example"))
    fine = notice(acting("li@customer.example"))

    with mail_server(settings):
        send_due_emails()

    assert (state_of(refused), state_of(fine)) == (("pending", 1), ("sent", 1))
    refused.refresh_from_db()
    assert (refused.due_at, refused.error) == (timezone.now() + timedelta(minutes=1), "SMTPRecipientsRefused 550")


def test_without_a_mail_server_one_is_tried_and_the_others_wait_for_the_next_turn(settings, clock):
    no_mail_server(settings)
    first, second = notice(), notice()

    assert send_due_emails().attempted == 1

    assert (state_of(first), state_of(second)) == (("pending", 1), ("pending", 0))
    assert Notice.objects.get(pk=first.pk).error.startswith("ConnectionRefusedError")


def test_it_is_tried_again_later_and_later_and_given_up_after_three_days(settings, clock, caplog):
    no_mail_server(settings)
    row, began, waited = notice(), timezone.now(), []
    while (row := Notice.objects.get(pk=row.pk)).state == "pending":
        waited.append(row.due_at - timezone.now())
        clock.move_to(row.due_at)
        send_due_emails()

    assert waited[1:] == RETRY_DELAYS
    assert timedelta(days=2.5) < timezone.now() - began < timedelta(days=3)
    assert state_of(row) == ("failed", 10)
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 10 + [logging.ERROR]
    assert f"notice {row.pk} given up: ConnectionRefusedError" in caplog.text
    assert send_due_emails().attempted == 0


def test_one_that_fails_and_then_passes_is_sent_and_shows_no_error(settings, clock):
    backend = settings.EMAIL_BACKEND
    no_mail_server(settings)
    row = notice()
    send_due_emails()
    settings.EMAIL_BACKEND = backend
    clock.shift(60)

    send_due_emails()

    assert (state_of(row), Notice.objects.get().error, len(mail.outbox)) == (("sent", 2), "", 1)


def test_what_the_server_says_of_people_is_neither_kept_nor_logged(settings, caplog):
    notice(acting("refused@customer.example"))

    with mail_server(settings):
        send_due_emails()

    assert "refused@" not in caplog.text + Notice.objects.get().error


def test_one_that_cannot_be_written_is_logged_with_its_fault_and_holds_up_no_other(caplog):
    broken, fine = notice(), notice()
    Notice.objects.filter(pk=broken.pk).update(facts={})

    send_due_emails()

    assert (state_of(broken), state_of(fine)) == (("pending", 1), ("sent", 1))
    assert Notice.objects.get(pk=broken.pk).error == "KeyError"
    assert "Traceback" in caplog.text


def user_is_now(**fields):
    return lambda member: get_user_model().objects.filter(pk=member.user_id).update(**fields)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda member: member.delete(), RECIPIENT_LEFT),
        (lambda member: Membership.objects.filter(pk=member.pk).update(role="viewer"), RECIPIENT_LEFT),
        (user_is_now(is_active=False), RECIPIENT_LEFT),
        (user_is_now(email=""), NO_ADDRESS),
        (user_is_now(email="a@b.example\nBcc: c@d.example"), NO_ADDRESS),
    ],
    ids=["left", "viewer", "closed", "no address", "wrong address"],
)
def test_whoever_may_not_or_cannot_get_it_any_more_gets_nothing(change, told):
    member = acting()
    row = notice(member)
    change(member)

    send_due_emails()

    assert (state_of(row), Notice.objects.get().error, mail.outbox) == (("failed", 1), told, [])


def test_a_slow_mail_server_does_not_keep_the_worker(monkeypatch):
    notice(), notice()
    monkeypatch.setattr("emails.sending.monotonic", iter([0, 44, 46]).__next__)

    assert send_due_emails().attempted == 1
