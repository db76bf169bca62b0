"""A server that hangs is left alone for a while, and waiting for servers never takes every thread of a web process."""

import threading

import pytest

from common import circuit_breaker as outside
from common.circuit_breaker import CircuitBreaker, CircuitOpen


@pytest.fixture
def server(monkeypatch):
    server = CircuitBreaker("the server", after_seconds=0)
    yield server
    outside.BREAKERS.remove(server)


@pytest.fixture
def two_threads(monkeypatch):
    monkeypatch.setattr(outside, "_slots", None)
    monkeypatch.setattr(outside, "SLOT_TIMEOUT_SECONDS", 0.01)
    outside.reserve_one_thread(2)


def fail(server: CircuitBreaker) -> None:
    with pytest.raises(TimeoutError), server.call():
        raise TimeoutError


def test_after_it_hung_nobody_calls_it(server):
    fail(server)
    with pytest.raises(CircuitOpen, match="the server did not answer a moment ago"), server.call():
        pytest.fail("it was called")


def test_one_that_fails_at_once_is_called_again(server):
    server.after_seconds = 60
    fail(server)
    fail(server)


def test_after_a_while_one_caller_tries_and_the_others_wait_for_what_it_meets(server, monkeypatch):
    monkeypatch.setattr(outside, "OPEN_SECONDS", 0)
    fail(server)
    monkeypatch.setattr(outside, "OPEN_SECONDS", 60)
    with server.call(), pytest.raises(CircuitOpen), server.call():
        pytest.fail("it was called")
    with server.call():
        pass  # it is back


def test_while_too_many_threads_wait_another_call_is_not_made(server, two_threads):
    with server.call(), pytest.raises(CircuitOpen, match="too many calls"), server.call():
        pytest.fail("it was called")
    with server.call():
        pass


def test_a_process_of_one_thread_and_one_that_serves_nobody_have_no_limit(server, monkeypatch):
    monkeypatch.setattr(outside, "_slots", threading.Semaphore(0))
    outside.reserve_one_thread(1)
    with server.call(), server.call():
        pass
