"""Webhook endpoints on the account's pages: made, their secret shown once, looked after (R26)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import MembershipFactory
from tests.webhooks.receiving import due, endpoint_of
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.sending import send_due_webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26")]
PAGE = "/account/webhooks/"
URL = "https://hooks.example.com/ours"


def signed_in(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def visit(membership):
    return signed_in(membership)


def secret_in(answer):
    found = re.search(r'class="code secret"[^>]*>(whsec_[^<]+)<', answer.text)
    return found and found[1]


def test_the_secret_is_shown_when_it_is_made_and_when_it_is_rotated_and_never_else(visit):
    made = visit.post(f"{PAGE}new/", {"url": URL, "description": "ERP", "event_types": ["contract.official"]})
    endpoint = WebhookEndpoint.objects.get()
    assert secret_in(made) == endpoint.secret
    assert "no-store" in made["Cache-Control"]
    assert (endpoint.url, endpoint.description, endpoint.event_types) == (URL, "ERP", ["contract.official"])

    assert secret_in(visit.get(f"{PAGE}{endpoint.pk}/rotate/")) is None
    rotated = visit.post(f"{PAGE}{endpoint.pk}/rotate/")
    assert secret_in(rotated) == WebhookEndpoint.objects.get().secret != endpoint.secret
    pages = [visit.get(PAGE), visit.get(f"{PAGE}{endpoint.pk}/"), visit.get(f"{PAGE}{endpoint.pk}/edit/")]
    assert "whsec_" not in "".join(page.text for page in pages)
    assert "also signs until" in pages[1].text


def test_what_is_wrong_stands_at_its_field(visit):
    answer = visit.post(f"{PAGE}new/", {"url": "http://127.0.0.1/", "description": "x"})
    assert answer.status_code == 400
    assert "must begin with https://" in answer.text
    assert not WebhookEndpoint.objects.exists()


def test_changing_switching_and_deleting(visit, membership):
    endpoint = endpoint_of(membership.account)
    visit.post(f"{PAGE}{endpoint.pk}/edit/", {"url": URL, "description": "ERP", "event_types": []})
    assert f"{URL}</a>" in visit.get(PAGE).text
    off = visit.post(f"{PAGE}{endpoint.pk}/switch/", {"enabled": "false"}, follow=True).text
    assert "Endpoint disabled." in off
    assert "Send a test event" not in off
    assert "Send a test event" in visit.post(f"{PAGE}{endpoint.pk}/switch/", {"enabled": "true"}, follow=True).text
    assert "including pending ones" in visit.get(f"{PAGE}{endpoint.pk}/delete/").text
    assert "deleted." in visit.post(f"{PAGE}{endpoint.pk}/delete/", follow=True).text
    assert visit.get(f"{PAGE}{endpoint.pk}/").status_code == 404


def test_the_log_shows_what_came_of_a_test_event(visit, endpoint, receiving):
    receiving.answers = [503]
    page = visit.post(f"{PAGE}{endpoint.pk}/test/", follow=True).text
    assert "Not sent yet." in page
    send_due_webhooks()
    log = visit.get(f"{PAGE}{endpoint.pk}/").text
    assert "endpoint.test" in log
    assert ">503<" in log
    assert "Failed" in log
    delivery = WebhookDelivery.objects.get()
    shown = visit.get(f"{PAGE}{endpoint.pk}/deliveries/{delivery.pk}/").text
    assert delivery.event_id in shown
    assert "&quot;type&quot;:&quot;endpoint.test&quot;" in shown


def test_a_person_sends_again_what_was_given_up(visit, endpoint, receiving):
    delivery = due(endpoint, state="failed")
    answer = visit.post(f"{PAGE}{endpoint.pk}/deliveries/{delivery.pk}/again/", follow=True)
    assert "The event is being resent." in answer.text
    send_due_webhooks()
    assert len(receiving.received) == 1


def test_what_a_receiver_answers_is_text_and_no_markup(visit, endpoint, receiving):
    receiving.always = lambda conversation: conversation.send_error(500, "<script>alert(1)</script>\x00")
    delivery = due(endpoint)
    send_due_webhooks()
    assert "<script>alert" not in visit.get(f"{PAGE}{endpoint.pk}/deliveries/{delivery.pk}/").text


def test_the_log_is_paged_and_filtered(visit, membership, django_assert_max_num_queries):
    endpoint = endpoint_of(membership.account)
    for i in range(45):
        due(endpoint, f"EC{i}-")
    due(endpoint, "EC99-", state="failed")
    with django_assert_max_num_queries(9):
        first = visit.get(f"{PAGE}{endpoint.pk}/").text
    assert "EC99-" in first
    assert "EC20-" not in first
    assert "EC20-" in visit.get(f"{PAGE}{endpoint.pk}/?page=2").text
    failed = visit.get(f"{PAGE}{endpoint.pk}/?state=failed").text
    assert "EC99-" in failed
    assert "EC44-" not in failed
    assert visit.get(f"{PAGE}{endpoint.pk}/?state=odd&page=odd").status_code == 200


def listed(visit, endpoint, query: str) -> list[str]:
    return re.findall(r'name="delivery" value="(\d+)"', visit.get(f"{PAGE}{endpoint.pk}/?{query}").text)


def test_the_log_is_filtered_by_subject_type_outcome_and_time(visit, membership, clock):
    endpoint = endpoint_of(membership.account)
    first = due(endpoint, "EC1", state="failed")
    clock.shift(timedelta(hours=2))
    second = due(endpoint, "EC1", "contract.official", state="failed")
    ids = [str(second.pk), str(first.pk)]
    assert listed(visit, endpoint, "subject=EC1") == ids
    assert listed(visit, endpoint, "subject=EC2") == listed(visit, endpoint, "state=delivered") == []
    assert listed(visit, endpoint, "subject=EC1&type=contract.official&state=failed") == ids[:1]
    zone = membership.account.tzinfo
    between = timezone.localtime(first.created_at + timedelta(hours=1), zone).strftime("%Y-%m-%dT%H:%M")
    assert listed(visit, endpoint, f"created_from={between}") == ids[:1]
    assert listed(visit, endpoint, f"created_to={between}") == ids[1:]
    for wrong in (
        "created_from=today",
        f"created_from={between}&created_to={between}",
        "type=odd",
        "subject=" + 65 * "x",
    ):
        page = visit.get(f"{PAGE}{endpoint.pk}/?{wrong}").text
        assert "field-error" in page
        assert 'name="delivery"' not in page


def test_selected_events_or_all_of_the_filter_are_resent(visit, membership):
    endpoint = endpoint_of(membership.account)
    rows = [due(endpoint, f"EC{i % 2}", state="failed") for i in range(6)]
    due(endpoint, "EC1")
    address = f"{PAGE}{endpoint.pk}/resend/"

    def states() -> list[str]:
        return [WebhookDelivery.objects.get(pk=row.pk).state for row in rows]

    answer = visit.post(address, {"delivery": [rows[0].pk, rows[1].pk]}, follow=True)
    assert "2 events are being resent." in answer.text
    assert states() == ["pending"] * 2 + ["failed"] * 4
    assert "Resend all 2 found" in visit.get(f"{PAGE}{endpoint.pk}/?subject=EC1").text
    answer = visit.post(f"{address}?subject=EC1", {"scope": "all"}, follow=True)
    assert answer.redirect_chain == [(f"{PAGE}{endpoint.pk}/?subject=EC1", 302)]
    assert states() == ["pending", "pending", "failed", "pending", "failed", "pending"]
    assert "Nothing was resent" in visit.post(f"{address}?subject=EC1", {"scope": "all"}, follow=True).text
    assert visit.get(address).status_code == 405
    for wrong in ({}, {"delivery": ["x"]}, {"delivery": ["9" * 30]}, {"delivery": ["1"] * 1001}):
        assert visit.post(address, wrong).status_code == 400
    assert visit.post(f"{address}?created_from=x", {"scope": "all"}).status_code == 400
    assert states().count("pending") == 4


WRITES = ["edit/", "test/", "resend/", "switch/", "rotate/", "delete/", "deliveries/{delivery}/again/"]


@pytest.mark.parametrize("path", ["", "deliveries/{delivery}/", *WRITES])
def test_another_account_finds_nothing_and_a_viewer_reads_alone(membership, path):
    endpoint = endpoint_of(membership.account)
    delivery = due(endpoint, state="failed")
    address = f"{PAGE}{endpoint.pk}/{path.format(delivery=delivery.pk)}"
    before = WebhookEndpoint.objects.values().get(), WebhookDelivery.objects.values().get()
    viewer = signed_in(MembershipFactory(account=membership.account, role="viewer"))
    stranger = signed_in(MembershipFactory())

    if path in WRITES:
        assert viewer.post(address).status_code == 403
        assert stranger.post(address).status_code == 404
    else:
        assert viewer.get(address).status_code == 200
        assert 'method="post"' not in viewer.get(address).text.split("<main")[1]
        assert stranger.get(address).status_code == 404
    assert (WebhookEndpoint.objects.values().get(), WebhookDelivery.objects.values().get()) == before


def test_a_viewer_sees_the_list_and_adds_none(membership):
    endpoint_of(membership.account)
    viewer = signed_in(MembershipFactory(account=membership.account, role="viewer"))
    assert "https://hooks.example.com/" in viewer.get(PAGE).text
    assert "Add an endpoint" not in viewer.get(PAGE).text
    assert viewer.get(f"{PAGE}new/").status_code == 403
    assert viewer.post(f"{PAGE}new/", {"url": URL}).status_code == 403


@pytest.mark.parametrize("path", ["test/", "switch/", "deliveries/{delivery}/again/"])
def test_what_changes_something_is_a_post(visit, membership, path):
    endpoint = endpoint_of(membership.account)
    delivery = due(endpoint)
    assert visit.get(f"{PAGE}{endpoint.pk}/{path.format(delivery=delivery.pk)}").status_code == 405
