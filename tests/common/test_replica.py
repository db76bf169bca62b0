"""What is read from the replica, if there is one, and what never is."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from common import replica
from common.replica import ReplicaRouter, note_change, read_from_replica, reads_replica
from orders.models import Order


@pytest.fixture
def with_replica(monkeypatch):
    monkeypatch.setitem(settings.DATABASES, "replica", {})
    monkeypatch.setattr(replica, "_answers", lambda: True)


def read_at() -> str:
    return ReplicaRouter().db_for_read(Order)


def test_without_one_all_is_read_from_the_primary():
    with read_from_replica():
        assert read_at() == "default"


def test_only_the_block_reads_from_it_and_nothing_writes_to_it(with_replica):
    assert read_at() == "default"
    with read_from_replica():
        assert read_at() == "replica"
        assert ReplicaRouter().db_for_write(Order) == "default"
    assert read_at() == "default"


def test_while_it_does_not_answer_the_primary_is_read(with_replica, monkeypatch):
    monkeypatch.setattr(replica, "_answers", lambda: False)
    with read_from_replica():
        assert read_at() == "default"


def test_who_posted_reads_the_primary_for_a_while(with_replica, rf: RequestFactory):
    @reads_replica
    def view(request) -> HttpResponse:
        return HttpResponse(read_at())

    request = rf.get("/orders/")
    assert view(request).content == b"replica"
    post = rf.post("/orders/")
    post.COOKIES["sessionid"] = "a"
    cookie = note_change(view)(post).cookies["changed"]
    assert cookie["max-age"] == 15
    request.COOKIES["changed"] = cookie.value
    assert view(request).content == b"default"


def test_no_cookie_is_set_without_a_replica_nor_for_programs_or_reading(rf: RequestFactory, monkeypatch):
    def view(request) -> HttpResponse:
        return HttpResponse()

    post = rf.post("/orders/")
    post.COOKIES["sessionid"] = "a"
    assert not note_change(view)(post).cookies
    monkeypatch.setitem(settings.DATABASES, "replica", {})
    assert not note_change(view)(rf.post("/api/v1/contracts/")).cookies
    assert not note_change(view)(rf.get("/orders/")).cookies
    assert note_change(view)(post).cookies
