"""What is kept for a while goes when its time has passed, and not before."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.certification.requests import approve_certification, reject_certification, request_certification
from accounts.models import ApiToken, CertificationRequest, IdempotentRequest, Invitation
from config.celery import app
from contracts.models import Batch, Selection
from contracts.operations import retention
from contracts.operations.retention import delete_expired
from contracts.tasks import forget
from emails.models import Notice
from tests import factories
from tests.contracts.back_office.legal import text_of
from tests.emails.mail import finance, notice, somebody_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SECOND = timedelta(seconds=1)


def forgotten(**options: int) -> dict[str, int]:
    """What went, without the kinds of which nothing did."""
    return {what: count for what, count in delete_expired(now=timezone.now(), **options).items() if count}


def five_of_each(membership) -> None:
    for i in range(5):
        SessionStore().save(must_create=True)
        Selection.objects.create(account=membership.account, user=membership.user, type="order")
        token, _ = ApiToken.for_member(membership, expires_in=timedelta(days=1))
        IdempotentRequest.objects.create(token=token, key=f"key {i}", fingerprint="f")
        facts = {"username": "li", "ip_address": "192.0.2.7", "path_info": "/login/", "user_agent": f"browser {i}"}
        AccessAttempt.objects.create(failures_since_start=1, get_data="", post_data="", **facts)
        AccessFailureLog.objects.create(**facts)
        notice(membership)
        invitation = Invitation(account=membership.account, email=f"{i}@customer.example", role="viewer")
        invitation.invited_at = timezone.now()
        invitation.renew_link(at=timezone.now())
        invitation.save()
        Batch.objects.create(
            account=membership.account,
            action=Batch.Action.VOID,
            requested_by=membership.user,
            source="page",
            language="en",
            requested_at=timezone.now(),
            finished_at=timezone.now(),
        )
    Notice.objects.update(state="sent", sent_at=timezone.now())


@pytest.mark.parametrize(
    ("what", "kept", "model"),
    [
        ("sessions", timedelta(days=400), Session),  # as the test run has it, instead of twelve hours
        ("selections", timedelta(days=30), Selection),
        ("idempotency_keys", timedelta(days=7), IdempotentRequest),
        ("emails", timedelta(days=180), Notice),
        ("batches", timedelta(days=90), Batch),
        ("invitations", timedelta(days=7) + timedelta(days=30), Invitation),
        ("tokens", timedelta(days=1) + timedelta(days=30), ApiToken),
        ("failed_sign_ins", timedelta(days=1), AccessAttempt),
        ("failed_sign_ins_listed", timedelta(days=1), AccessFailureLog),
    ],
)
def test_each_goes_when_its_time_has_passed_and_not_before(membership, clock, what, kept, model):
    five_of_each(membership)
    clock.shift(kept)
    assert what not in forgotten()
    assert model.objects.count() == 5
    clock.shift(SECOND)
    assert forgotten(chunk=2)[what] == 5
    assert model.objects.count() == 0


def test_an_email_that_waits_is_never_forgotten_and_one_given_up_is(membership, clock):
    waiting, given_up = notice(membership), notice(membership)
    Notice.objects.filter(pk=given_up.pk).update(state="failed")
    clock.shift(timedelta(days=400))
    assert forgotten() == {"emails": 1}
    assert Notice.objects.get() == waiting


def test_a_token_without_an_end_stays(membership, clock):
    ApiToken.for_member(membership)
    clock.shift(timedelta(days=4000))
    assert forgotten() == {}
    assert ApiToken.objects.count() == 1


def _asked(actor):
    licence = ContentFile(b"%PDF-1.7 a scan %%EOF", name="scan.pdf")
    return request_certification(kind="personal", name="李雷", credit_code="", licence=licence, by=actor)


def test_the_scan_of_a_rejected_request_goes_after_90_days_and_the_request_stays(
    clock, django_capture_on_commit_callbacks
):
    by = finance("accounts.decide_certificationrequest")
    rejected = reject_certification(request=_asked(factories.member()), note="unreadable", by=by)
    approved = approve_certification(request=_asked(factories.member()), by=by)
    path = rejected.licence.name
    clock.shift(retention.REJECTED_SCAN_RETENTION)
    assert forgotten() == {}
    clock.shift(SECOND)
    with django_capture_on_commit_callbacks(execute=True):
        assert forgotten() == {"scans": 1}
    assert not default_storage.exists(path)
    assert default_storage.exists(approved.licence.name)
    assert CertificationRequest.objects.get(pk=rejected.pk).licence == ""
    assert forgotten() == {}
    page = somebody_of("Finance").get(f"/admin/accounts/certificationrequest/{rejected.pk}/change/")
    assert "The scan of this request has been deleted" in text_of(page)
    answer = somebody_of("Finance").get(f"/admin/accounts/certificationrequest/{rejected.pk}/licence/", follow=True)
    assert "The scan of this request has been deleted" in answer.content.decode()


def test_the_clock_does_it_every_hour(membership, clock):
    five_of_each(membership)
    clock.shift(timedelta(days=8))
    message = app.conf.beat_schedule["contracts.tasks.forget"]["kwargs"]
    assert forget(**message)["idempotency_keys"] == 5
    clock.shift(timedelta(minutes=59))
    assert forget(**message) is None
    clock.shift(timedelta(minutes=1))
    assert forget(**message) is not None
