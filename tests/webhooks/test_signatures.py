"""My program can tell that an event comes from us, with the library that the specification's authors publish."""

from datetime import UTC, datetime, timedelta
from datetime import timezone as zone

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.access.actors import actor_of
from tests.factories import draft
from tests.webhooks.receiving import due
from webhooks.endpoints import SECRET_OVERLAP, create_endpoint, rotate_secret
from webhooks.sending import send_due_webhooks
from webhooks.signing import headers_of

pytestmark = pytest.mark.django_db


def verified(secret, received):
    return Webhook(secret).verify(received.body, received.headers)


@pytest.fixture
def actor(membership):
    return actor_of(membership, "page")


@pytest.fixture
def own(actor, receiving):
    return create_endpoint(url=receiving.url, by=actor)


def test_a_real_event_verifies(actor, own, receiving):
    contract = draft(actor)

    send_due_webhooks()

    told = verified(own.secret, receiving.received[0])
    assert told["type"] == "contract.drafted"
    assert told["data"]["contract"]["number"] == contract.number


def test_it_does_not_with_another_secret_or_body(own, receiving):
    due(own)
    send_due_webhooks()
    [received] = receiving.received

    for secret, body in ((own.secret, received.body + b" "), ("whsec_" + "A" * 43 + "=", received.body)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, received.headers)


def test_it_is_signed_for_the_time_of_each_attempt(own, receiving, clock):
    """Receivers refuse what is older than five minutes: a retry days later must verify then."""
    receiving.answers = [500]
    due(own)
    send_due_webhooks()
    clock.shift(timedelta(days=2))
    send_due_webhooks()

    first, second = receiving.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) == int(timezone.now().timestamp())
    assert verified(own.secret, second)["type"] == "contract.drafted"
    with pytest.raises(WebhookVerificationError, match="too old"):
        verified(own.secret, first)


def test_during_a_rotation_both_secrets_verify_and_after_it_the_new_one_alone(actor, own, receiving, clock):
    old = own.secret
    new = rotate_secret(endpoint=own, by=actor).secret
    assert new != old
    due(own, "EC1")
    send_due_webhooks()
    clock.shift(SECRET_OVERLAP)
    due(own, "EC2")
    send_due_webhooks()

    during, after = receiving.received
    clock.shift(-SECRET_OVERLAP)
    assert verified(old, during) == verified(new, during)
    clock.shift(SECRET_OVERLAP)
    assert verified(new, after)["type"] == "contract.drafted"
    with pytest.raises(WebhookVerificationError):
        verified(old, after)


def test_a_second_rotation_does_not_end_the_overlap_of_the_first(actor, own, receiving):
    """Whoever lost the answer to a rotation rotates again; the receiver still has the very first secret."""
    first = own.secret
    rotate_secret(endpoint=own, by=actor)
    rotate_secret(endpoint=own, by=actor)
    due(own)

    send_due_webhooks()

    assert verified(first, receiving.received[0])


def test_secrets_are_whsec_and_at_least_24_random_bytes(actor, own):
    again = rotate_secret(endpoint=own, by=actor)
    assert again.secret.startswith("whsec_")
    assert len(Webhook(again.secret)._whsecret) == 32


@pytest.mark.parametrize("zone_of_clock", [UTC, zone(timedelta(hours=8))])
def test_a_signature_is_that_of_the_specification(zone_of_clock):
    """The library that signs also verifies in the other tests, so this one compares with the published example."""
    at = datetime.fromtimestamp(1614265330, zone_of_clock)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', [secret], at=at)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
