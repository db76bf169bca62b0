"""My program manages its own endpoints by the API (R26)."""

import pytest

from accounts.models import ApiToken
from tests.conftest import Api
from tests.factories import MembershipFactory
from tests.webhooks.receiving import due, endpoint_of, receiver
from webhooks import endpoints
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.sending import send_due_webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R26")]
URL = "https://hooks.example.com/ours"


@pytest.fixture
def made(api):
    return api.post("webhooks/", {"url": URL, "description": "ERP", "event_types": ["contract.official"]}).json()


@pytest.fixture
def viewer(membership):
    return Api(MembershipFactory(account=membership.account, role="viewer"))


@pytest.fixture
def stranger():
    return Api(MembershipFactory())


def delete(client, path):
    return client.client.delete(f"/api/v1/{path}")


def test_creating_answers_the_secret_this_once(api, made):
    assert made["secret"].startswith("whsec_")
    own = api.get(f"webhooks/{made['id']}/")
    assert own.json() == {name: value for name, value in made.items() if name != "secret"}
    assert own.json() == {
        "id": made["id"],
        "url": URL,
        "description": "ERP",
        "event_types": ["contract.official"],
        "enabled": True,
        "disabled_because": None,
        "disabled_at": None,
        "failing_since": None,
        "failures": 0,
        "last_success_at": None,
        "health": {"events": 0, "delivered": 0, "failed": 0, "pending": 0, "oldest_pending_at": None},
        "previous_secret_until": None,
        "created_at": made["created_at"],
    }
    assert api.get("webhooks/").json()["results"] == [own.json()]
    assert "whsec_" not in api.get("webhooks/").text


def test_without_types_it_is_told_of_all(api):
    assert api.post("webhooks/", {"url": URL}).json()["event_types"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/url"),
        ({"url": "http://hooks.example.com/"}, "/url"),
        ({"url": "https://169.254.169.254/latest"}, "/url"),
        ({"url": URL, "event_types": ["contract.signed"]}, "/event_types"),
        ({"url": URL, "event_types": "contract.official"}, "/event_types"),
        ({"url": URL, "description": "x" * 201}, "/description"),
    ],
)
def test_what_is_wrong_is_named(api, body, pointer):
    answer = api.post("webhooks/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not WebhookEndpoint.objects.exists()


def test_changing(api, made):
    answer = api.patch(f"webhooks/{made['id']}/", {"url": f"{URL}2", "event_types": [], "enabled": False})
    assert answer.json()["disabled_at"]
    assert answer.json() | {"secret": made["secret"], "disabled_at": None} == made | {
        "url": f"{URL}2",
        "event_types": [],
        "enabled": False,
        "disabled_because": "member",
    }
    assert api.patch(f"webhooks/{made['id']}/", {"enabled": True}).json()["disabled_because"] is None
    assert api.patch(f"webhooks/{made['id']}/", {}).status_code == 200
    assert api.patch(f"webhooks/{made['id']}/", {"url": "https://localhost/"}).status_code == 400


def test_rotating_answers_the_new_secret_and_how_long_the_old_one_signs(api, made):
    rotated = api.post(f"webhooks/{made['id']}/rotate-secret/").json()
    assert rotated["secret"] != made["secret"]
    assert rotated["previous_secret_until"] > made["created_at"]
    for _ in range(endpoints.MAX_RETIRED_SECRETS - 1):
        assert api.post(f"webhooks/{made['id']}/rotate-secret/").status_code == 200
    refused = api.post(f"webhooks/{made['id']}/rotate-secret/")
    assert (refused.status_code, refused.json()["code"]) == (409, "transition_not_allowed")


def test_deleting(api, made):
    assert delete(api, f"webhooks/{made['id']}/").status_code == 204
    assert delete(api, f"webhooks/{made['id']}/").status_code == 404
    assert api.get(f"webhooks/{made['id']}/").status_code == 404
    assert api.get("webhooks/").json()["results"] == []


def test_more_than_ten_are_refused(api):
    answers = [api.post("webhooks/", {"url": f"{URL}{i}"}).status_code for i in range(11)]
    assert answers == [201] * 10 + [409]


def test_the_same_key_creates_one_and_answers_the_same_without_its_secret(api):
    first, second = (api.post("webhooks/", {"url": URL}, **{"Idempotency-Key": "k1"}) for _ in range(2))
    kept = {name: value for name, value in first.json().items() if name != "secret"}
    assert (second.status_code, second.json()) == (first.status_code, kept)
    assert WebhookEndpoint.objects.count() == 1


def test_the_log_tells_of_every_try_and_a_person_sends_again(api, membership, settings, clock):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as server:
        server.answers = [503]
        endpoint = endpoint_of(membership.account, server.url)
        due(endpoint)
        send_due_webhooks()
        [row] = api.get(f"webhooks/{endpoint.pk}/deliveries/").json()["results"]
        assert (row["state"], row["delivered_at"]) == ("pending", None)
        assert row["next_try_at"] > row["created_at"]
        assert [(t["status_code"], t["error"], t["answer"]) for t in row["tries"]] == [(503, None, "no")]

        send_due_webhooks()
        assert len(server.received) == 1
        again = api.post(f"webhooks/{endpoint.pk}/deliveries/{row['id']}/redeliver/")  # it does not wait
        assert again.status_code == 202
        send_due_webhooks()
        [row] = api.get(f"webhooks/{endpoint.pk}/deliveries/", {"state": "delivered"}).json()["results"]
        assert [t["status_code"] for t in row["tries"]] == [503, 200]
        assert row["next_try_at"] is None

        api.post(f"webhooks/{endpoint.pk}/deliveries/{row['id']}/redeliver/")
        send_due_webhooks()
        assert len({received.headers["webhook-id"] for received in server.received}) == 1
        assert len(server.received) == 3


def test_the_log_is_filtered_and_paged(api, membership):
    endpoint = endpoint_of(membership.account)
    for i in range(3):
        due(endpoint, f"EC{i}")
    due(endpoint, "EC9", "contract.voided", state="failed")
    path = f"webhooks/{endpoint.pk}/deliveries/"
    assert [row["subject"] for row in api.get(path, {"state": "failed"}).json()["results"]] == ["EC9"]
    assert [row["subject"] for row in api.get(path, {"type": "contract.voided"}).json()["results"]] == ["EC9"]
    assert api.get(path, {"state": "lost"}).status_code == 400
    page = api.get(path, {"page_size": 3}).json()
    rest = api.client.get(page["next"]).json()
    assert [row["subject"] for row in page["results"] + rest["results"]] == ["EC9", "EC2", "EC1", "EC0"]


def test_the_log_takes_as_many_statements_for_forty_deliveries_as_for_two(
    api, membership, django_assert_max_num_queries
):
    endpoint = endpoint_of(membership.account)
    api.get("webhooks/")  # the token's last use is written once
    [due(endpoint, f"EC{i}") for i in range(40)]
    with django_assert_max_num_queries(8):
        api.get(f"webhooks/{endpoint.pk}/deliveries/")


def test_a_test_event_is_sent_and_one_at_a_time(api, membership, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as server:
        endpoint = endpoint_of(membership.account, server.url, event_types=["contract.voided"])
        answer = api.post(f"webhooks/{endpoint.pk}/test/")
        assert (answer.status_code, answer.json()["type"], answer.json()["state"]) == (202, "endpoint.test", "pending")
        assert api.post(f"webhooks/{endpoint.pk}/test/").status_code == 409
        send_due_webhooks()
        assert server.types == ["endpoint.test"]
        assert api.post(f"webhooks/{endpoint.pk}/test/").status_code == 202
    api.patch(f"webhooks/{endpoint.pk}/", {"enabled": False})
    assert api.post(f"webhooks/{endpoint.pk}/test/").json()["code"] == "transition_not_allowed"


CALLS = [
    ("get", "webhooks/{endpoint}/", {}),
    ("patch", "webhooks/{endpoint}/", {"description": "mine"}),
    ("delete", "webhooks/{endpoint}/", {}),
    ("post", "webhooks/{endpoint}/rotate-secret/", {}),
    ("post", "webhooks/{endpoint}/test/", {}),
    ("get", "webhooks/{endpoint}/deliveries/", {}),
    ("post", "webhooks/{endpoint}/deliveries/{delivery}/redeliver/", {}),
]


def called(client, method, path, body, **ids):
    call = getattr(client.client, method)
    return call(f"/api/v1/{path.format(**ids)}", body, content_type="application/json").status_code


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_another_accounts_endpoint_is_not_found(stranger, viewer, membership, method, path, body):
    endpoint = endpoint_of(membership.account)
    delivery = due(endpoint, state="failed")
    before = WebhookEndpoint.objects.values().get(), WebhookDelivery.objects.values().get()
    ids = {"endpoint": endpoint.pk, "delivery": delivery.pk}

    assert called(stranger, method, path, body, **ids) == 404
    assert called(viewer, method, path, body, **ids) == (200 if method == "get" else 403)
    assert called(Api(), method, path, body, **ids) == 401
    assert (WebhookEndpoint.objects.values().get(), WebhookDelivery.objects.values().get()) == before


def test_a_delivery_of_another_endpoint_is_not_found(api, membership):
    endpoint, other = endpoint_of(membership.account), endpoint_of(membership.account)
    delivery = due(other)
    assert api.post(f"webhooks/{endpoint.pk}/deliveries/{delivery.pk}/redeliver/").status_code == 404


def with_token(secret):
    client = Api()
    client.client.defaults["HTTP_AUTHORIZATION"] = f"Token {secret}"
    return client


def test_a_token_that_only_reads_makes_none(membership):
    reading = with_token(ApiToken.for_member(membership, scope=ApiToken.Scope.READ)[1])
    assert reading.get("webhooks/").status_code == 200
    assert reading.post("webhooks/", {"url": URL}).status_code == 403


def test_an_id_of_any_size_is_not_found(api):
    assert api.get(f"webhooks/{10**30}/").status_code == 404
