"""What is refused or goes wrong is said on a page of ours, and the API keeps its own answers."""

import pytest
from django.test import Client

from common.errors import Refused


def test_a_page_that_is_not_there(visit):
    answer = visit.get("/contracts/EC404/")

    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert "Management Console" in answer.text


def test_a_form_without_its_token(membership, draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(membership.user)

    answer = client.post(f"/contracts/{draft().number}/void/")

    assert answer.status_code == 403
    assert "This page has expired" in answer.text


def test_a_fault_of_ours(visit, monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("contracts.views.listing.page_of", broken)
    visit.raise_request_exception = False

    answer = visit.get("/contracts/")

    assert answer.status_code == 500
    assert "Something went wrong" in answer.text


@pytest.mark.parametrize(
    ("came_from", "back"),
    [("http://testserver/contracts/?page=2", "/contracts/?page=2"), ("https://evil.example/", "/")],
)
def test_a_refusal_offers_the_way_back_and_no_other(visit, voided, came_from, back):
    answer = visit.get(f"/contracts/{voided.number}/document/", headers={"referer": came_from})

    assert f'{back}">Go back' in answer.text
    assert "evil.example" not in answer.text


def test_a_refusal_of_the_api_is_no_page(client, monkeypatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise Refused("permission_denied", "No.")

    monkeypatch.setattr("api.views.member", refuse)
    monkeypatch.setattr("rest_framework.permissions.IsAuthenticated.has_permission", lambda *args: True)

    answer = client.get("/api/v1/contracts/")

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
