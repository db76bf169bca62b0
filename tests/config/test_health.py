"""Whether it lives, and whether it can work."""

import pytest

pytestmark = pytest.mark.django_db


def test_healthz_answers_without_asking_anything(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readyz_names_every_part(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "ready": True,
        "database": "ok",
        "storage": "ok",
        "seal": "ok",
        "broker": "ok",
        "clock": "ok",
    }


def test_readyz_says_which_part_fails(client, settings):
    settings.SEAL_P12 = "/nowhere/seal.p12"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "ok",
        "storage": "ok",
        "seal": "failed",
        "broker": "ok",
        "clock": "ok",
    }
