"""The emails about an endpoint say which, what is the matter, and where to look."""

import pytest

from emails.models import Notice
from emails.rendering import render_email
from tests.webhooks.receiving import due, endpoint_of
from webhooks import retries as outcomes
from webhooks.http_post import PostResult
from webhooks.queue import claim_delivery

pytestmark = pytest.mark.django_db
SAID = {
    "webhook_failing": "has not accepted an event for three days",
    "webhook_gone": "responded with 410 Gone, so we send no more events to it.",
}


@pytest.fixture
def endpoint(membership):
    membership.user.email = "li@customer.example"
    membership.user.save()
    return endpoint_of(membership.account, "https://hooks.example.com/?a=<b>&c")


@pytest.mark.parametrize(("kind", "status"), [("webhook_failing", 500), ("webhook_gone", 410)])
def test_what_the_outcome_writes_is_what_is_sent(endpoint, settings, kind, status):
    delivery = due(endpoint)
    if kind == "webhook_failing":
        delivery.queued_at -= outcomes.GIVE_UP_AFTER
        delivery.save()
    outcomes.record_attempt(claim_delivery(endpoint.pk), PostResult(5, status), at=delivery.created_at)
    notice = Notice.objects.get()

    message = render_email(notice, address="li@customer.example")

    assert notice.kind == kind
    [(html, _type)] = message.alternatives
    assert SAID[kind] in message.body
    assert endpoint.account.number in message.subject
    assert "https://hooks.example.com/?a=<b>&c" in message.body
    assert "<b>&c" not in html
    for part in (message.body, html):
        assert f"{settings.SITE_URL}/account/webhooks/{endpoint.pk}/" in part
        assert "Open the endpoint" in part
    assert "Contract No." not in message.body
