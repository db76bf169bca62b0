"""A request sent twice with one Idempotency-Key is done once."""

from datetime import timedelta

import pytest

from accounts.models import ApiToken, IdempotentRequest
from accounts.models.idempotent_request import IDEMPOTENCY_KEY_TTL
from contracts.models import Contract, VoidTicket
from contracts.tasks import forget
from orders.models import Order
from tests.api.conformance import problem
from tests.conftest import Api
from tests.factories import OrderFactory, PaidOrderFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]
KEY = {"Idempotency-Key": "c2f8"}


@pytest.fixture
def number(api, membership) -> str:
    return api.apply("order", PaidOrderFactory(account=membership.account)).json()["number"]


@pytest.mark.parametrize("action", ["convert", "void"])
def test_a_status_is_changed_once(api, number, action):
    first, again = (api.post(f"contracts/{number}/{action}/", **KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again["ETag"] == first["ETag"]
    problem(api.post(f"contracts/{number}/{action}/", **{"Idempotency-Key": "d3"}), 409, "transition_not_allowed")


def test_one_ticket_is_opened(api, number):
    api.post(f"contracts/{number}/convert/")
    answers = [api.post(f"contracts/{number}/void-tickets/", {"reason": "wrong company"}, **KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert VoidTicket.objects.count() == 1


def test_a_key_belongs_to_one_address(api, number):
    other = api.apply("order", PaidOrderFactory(account=Contract.objects.get().account)).json()["number"]
    api.post(f"contracts/{number}/convert/", **KEY)
    problem(api.post(f"contracts/{other}/convert/", **KEY), 422, "idempotency_conflict")


def test_integrators_have_keys_of_their_own(integrator, api, membership, order_json):
    order = OrderFactory(account=membership.account)
    told = {"paid_at": "2026-11-22T11:30:00+08:00"}
    first, again = (integrator.post(f"orders/{order.number}/pay/", told, **KEY) for _ in range(2))
    assert first.json() == again.json()
    imports = [integrator.post("orders/import/", {"orders": [order_json]}, **{"Idempotency-Key": "i"}) for _ in "ab"]
    assert [answer.json()["results"][0]["outcome"] for answer in imports] == ["created", "created"]
    assert Order.objects.filter(number=order_json["number"]).count() == 1
    assert api.apply("order", order).status_code == 201


def test_a_refusal_keeps_no_key(api, membership):
    order = OrderFactory(account=membership.account)
    problem(api.post(f"orders/{order.number}/pay/", **KEY), 409, "insufficient_balance")
    assert not IdempotentRequest.objects.exists()
    assert api.post(f"orders/{order.number}/cancel/", **KEY).status_code == 200


def test_a_key_that_is_too_long_is_refused(api, number):
    problem(api.post(f"contracts/{number}/convert/", **{"Idempotency-Key": "k" * 256}), 400, "invalid")


def test_old_keys_are_forgotten(api, number, clock):
    api.post(f"contracts/{number}/convert/", **KEY)
    clock.shift(IDEMPOTENCY_KEY_TTL)
    forget()
    assert IdempotentRequest.objects.exists()
    clock.shift(timedelta(seconds=1))
    forget()
    assert not IdempotentRequest.objects.exists()


@pytest.fixture
def secret_call(api, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    return "webhooks/", {"url": "https://127.0.0.1:9/"}


def test_a_replay_is_without_the_secret(api, secret_call):
    first, again = (api.post(*secret_call, **KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["secret"].startswith("whsec_")
    assert again.json() == {name: value for name, value in first.json().items() if name != "secret"}
    rotate = f"webhooks/{first.json()['id']}/rotate-secret/"
    first, again = (api.post(rotate, **{"Idempotency-Key": "r"}) for _ in range(2))
    assert ("secret" in first.json(), "secret" in again.json()) == (True, False)
    assert "whsec_" not in str(list(IdempotentRequest.objects.values()))


@pytest.mark.rule("R26")
def test_a_member_who_may_act_no_more_gets_no_replay(api, secret_call, membership):
    assert api.post(*secret_call, **KEY).status_code == 201
    membership.role = "viewer"
    membership.save()
    problem(api.post(*secret_call, **KEY), 403, "permission_denied")


@pytest.mark.rule("R26")
def test_an_integrator_who_was_stopped_gets_no_replay(integrator, order_json):
    imported = ("orders/import/", {"orders": [order_json]})
    assert integrator.post(*imported, **KEY).status_code == 200
    ApiToken.objects.get(scope="integrate").user.user_permissions.clear()
    problem(integrator.post(*imported, **KEY), 403, "permission_denied")


@pytest.mark.rule("R26")
def test_a_key_belongs_to_one_token(api, secret_call, membership):
    first = api.post(*secret_call, **KEY).json()
    reader = Api()
    reader.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_member(membership, scope='read')[1]}"
    problem(reader.post(*secret_call, **KEY), 403, "permission_denied")
    other = Api(membership).post(*secret_call, **KEY).json()
    assert other["id"] != first["id"]
