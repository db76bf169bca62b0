"""Whatever my receiver does, no event is lost, and what it does to us is bounded."""

import socket
import ssl
import subprocess
import threading
from datetime import timedelta

import pytest

from accounts.access.actors import actor_of
from emails.models import Notice
from tests.webhooks import receiving as by
from tests.webhooks.receiving import due, endpoint_of, receiver
from webhooks import http_post as posting
from webhooks import retries as outcomes
from webhooks.endpoints import change_endpoint
from webhooks.models import WebhookAttempt, WebhookDelivery
from webhooks.sending import send_due_webhooks

pytestmark = pytest.mark.django_db
LONG = timedelta(hours=1)


@pytest.fixture
def impatient(monkeypatch):
    """Seconds of waiting cut to tenths."""
    monkeypatch.setattr(posting, "READ_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(posting, "CONNECT_TIMEOUT_SECONDS", 0.3)


def last_try():
    return WebhookAttempt.objects.latest("pk")


def states():
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("status", [300, 301, 400, 401, 404, 429, 500, 503])
def test_an_answer_that_is_not_2xx_is_tried_again(endpoint, receiving, clock, status):
    receiving.answers = [status]
    due(endpoint)

    send_due_webhooks()
    assert (states(), last_try().status_code, last_try().answer) == (["pending"], status, "no")
    clock.shift(LONG)
    send_due_webhooks()
    assert (states(), last_try().status_code) == (["delivered"], 200)
    assert len(receiving.received) == 2


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_2xx_is_delivered(endpoint, receiving, status):
    receiving.answers = [status]
    due(endpoint)
    send_due_webhooks()
    assert states() == ["delivered"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("answer", "error"),
    [(by.hang, "timeout"), (by.cut_off, "unreachable"), (by.nonsense, "broken")],
    ids=["hangs", "cuts off", "talks nonsense"],
)
def test_no_answer_is_tried_again(endpoint, receiving, clock, answer, error):
    receiving.answers = [answer]
    due(endpoint)

    send_due_webhooks()
    assert (states(), last_try().status_code, last_try().error) == (["pending"], None, error)
    clock.shift(LONG)
    send_due_webhooks()
    assert states() == ["delivered"]


def test_an_answer_that_is_always_about_to_come_ends_with_our_time(endpoint, receiving, monkeypatch):
    monkeypatch.setattr(posting, "TOTAL_TIMEOUT_SECONDS", 0.4)
    receiving.answers = [by.drip]
    due(endpoint)

    send_due_webhooks()

    assert (states(), last_try().error) == (["pending"], "timeout")
    assert last_try().duration_ms < 5000


def test_of_an_endless_answer_only_the_beginning_is_read(endpoint, receiving):
    receiving.answers = [by.endless]
    due(endpoint)

    send_due_webhooks()

    assert states() == ["delivered"]
    assert last_try().answer.startswith("more more")
    assert len(last_try().answer) <= posting.RESPONSE_EXCERPT_CHARS


@pytest.mark.parametrize("answer", [by.trickling, by.dripping_body], ids=["stops", "drips"])
def test_2xx_whose_body_does_not_come_in_time_is_a_failure(endpoint, receiving, monkeypatch, answer):
    monkeypatch.setattr(posting, "READ_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(posting, "TOTAL_TIMEOUT_SECONDS", 0.4)
    receiving.answers = [answer]
    due(endpoint)

    send_due_webhooks()

    assert (states(), last_try().status_code, last_try().error) == (["pending"], None, "timeout")


def test_2xx_whose_body_breaks_off_is_delivered(endpoint, receiving):
    receiving.answers = [by.breaking_off]
    due(endpoint)

    send_due_webhooks()

    assert (states(), last_try().answer) == (["delivered"], "the beginning")


def test_redirects_are_not_followed(endpoint, receiving):
    with receiver() as other:
        receiving.answers = [by.redirecting_to(other.url)]
        due(endpoint)
        send_due_webhooks()
        assert (states(), last_try().status_code) == (["pending"], 307)
        assert other.received == []


def test_nobody_there_is_tried_again(membership, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        due(endpoint_of(membership.account, f"http://127.0.0.1:{closed.getsockname()[1]}/"))
        send_due_webhooks()
    assert (states(), last_try().error) == (["pending"], "unreachable")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of 127.0.0.1, signed by itself; the file holds the key, too."""
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=test"
    made = [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "-", "-out", "-"]
    path.write_bytes(subprocess.run(made, check=True, capture_output=True).stdout)
    return path


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_of_nobody_we_trust_gets_no_event(membership, settings, tls):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver(tls) as server:
        due(endpoint_of(membership.account, server.url))
        send_due_webhooks()
        assert server.received == []
    assert (states(), last_try().error) == (["pending"], "tls")


def test_a_trusted_one_does(membership, settings, tls, certificate, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiver(tls) as server:
        due(endpoint_of(membership.account, server.url))
        send_due_webhooks()
        assert server.types == ["contract.drafted"]
    assert states() == ["delivered"]


def test_a_trusted_one_of_another_name_does_not(membership, settings, tls, certificate, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiver(tls) as server:
        due(endpoint_of(membership.account, server.url.replace("127.0.0.1", "localhost")))
        send_due_webhooks()
        assert server.received == []
    assert (states(), last_try().error) == (["pending"], "tls")


def test_one_that_is_slow_does_not_hold_up_another(membership, receiving, endpoint):
    """It answers each only once the other has everything."""
    others = threading.Event()

    def take(conversation):
        if len(receiving.received) == 10:
            others.set()
        conversation.send_error(204)

    def take_its_time(conversation):
        conversation.send_error(204 if others.wait(3) else 500)

    receiving.always = take
    with receiver() as slow:
        slow.always = take_its_time
        slow_endpoint = endpoint_of(membership.account, slow.url)
        for i in range(10):
            due(slow_endpoint, f"EC{i}")
        for i in range(10):
            due(endpoint, f"EC{i}")
        send_due_webhooks()
    assert states() == ["delivered"] * 20


@pytest.mark.usefixtures("impatient")
def test_one_that_hangs_is_not_waited_for_once_for_each_event(endpoint, receiving):
    receiving.always = by.hang
    for i in range(20):
        due(endpoint, f"EC{i}")
    send_due_webhooks()
    assert 0 < len(receiving.received) <= 4


def test_after_failures_in_a_row_an_endpoint_is_left_alone_for_longer_and_longer(endpoint, receiving, clock):
    receiving.always = 500
    for i in range(100):
        due(endpoint, f"EC{i}")
    asked = []
    for _ in range(10):
        before = len(receiving.received)
        send_due_webhooks()
        asked.append(len(receiving.received) - before)
        clock.shift(outcomes.MAX_ENDPOINT_PAUSE * 1.3)
    assert max(asked) <= 4
    receiving.always = 200
    clock.shift(LONG)
    send_due_webhooks()
    assert set(states()) == {"delivered"}


def test_410_switches_the_endpoint_off_and_what_waits_is_sent_once_it_is_on_again(endpoint, receiving, membership):
    membership.user.email = "li@customer.example"
    membership.user.save()
    receiving.answers = [410]
    due(endpoint, "EC1")
    due(endpoint, "EC1", "contract.official")

    send_due_webhooks()
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_because, endpoint.last_success_at) == (False, "gone", None)
    assert endpoint.disabled_at
    assert receiving.types == ["contract.drafted"]
    assert list(Notice.objects.values_list("kind", "facts__url")) == [("webhook_gone", receiving.url)]
    send_due_webhooks()
    assert len(receiving.received) == 1

    change_endpoint(endpoint=endpoint, enabled=True, by=actor_of(membership, "page"))
    WebhookDelivery.objects.filter(state="pending").update(due_at=endpoint.created_at)
    send_due_webhooks()
    assert receiving.types == ["contract.drafted", "contract.drafted", "contract.official"]
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None
    assert endpoint.last_success_at
