"""A payment request past its time, or over an order that ended, is invalid to everyone while the clock stands still."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access.actors import actor_of
from common.errors import Refused
from contracts import services
from contracts.models import Contract
from tests.conftest import Api
from tests.contracts.back_office.legal import member_of, text_of
from tests.contracts.pages.conftest import signed_in
from tests.factories import draft, official

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R20"), pytest.mark.rule("R21")]


WAYS = ["its time has come", "an order was cancelled", "an order was refunded", "all paid, its time has come"]


@pytest.fixture(params=WAYS)
def end(request, clock, membership):
    """Ends a contract in one of the ways there are; the clock's sweep does not run. Returns when it ended."""

    def end(contract: Contract):
        if request.param == "all paid, its time has come":
            for line in contract.lines.all():
                line.order.pay(at=timezone.now())
                line.order.save()
        if "its time has come" in request.param:
            clock.move_to(contract.expires_at)
            return contract.expires_at
        clock.shift(timedelta(hours=1))
        order = contract.lines.last().order
        if request.param == "an order was refunded":
            order.pay(at=timezone.now() - timedelta(minutes=5))
            order.refund(at=timezone.now())
        else:
            order.cancel(at=timezone.now())
        order.save()  # the row alone: the services end the contract in the same transaction
        return timezone.now()

    return end


@pytest.fixture(params=[draft, official], ids=["draft", "official"])
def contract(request, membership, clock, end):
    contract = request.param(actor_of(membership, "page"), type="payment_request", count=2)
    contract.ended_at = end(contract)
    assert Contract.objects.get(pk=contract.pk).status in ("draft", "official")  # nobody has settled it
    return contract


def test_it_is_invalid_everywhere(contract, membership, subtests):
    for place in (in_the_list_its_filters_and_its_page, in_the_api, on_the_public_page_and_in_the_back_office):
        with subtests.test(place.__name__):
            place(contract, membership)


def in_the_list_its_filters_and_its_page(contract, membership):
    visit = signed_in(membership)
    for query, shown in {"": True, "?status=invalid": True, "?status=draft": False, "?status=official": False}.items():
        page = visit.get(reverse("contract-list") + query)
        assert (contract.number in page.text) == shown, query
    page = visit.get(reverse("contract-detail", args=[contract.number]))
    ended = contract.ended_at.astimezone(membership.account.tzinfo)
    assert f"Invalid since {ended:%Y-%m-%d %H:%M}." in page.text
    assert reverse("contract-convert", args=[contract.number]) not in page.text


def in_the_api(contract, membership):
    api = Api(membership)
    answer = api.get(f"contracts/{contract.number}/").json()
    assert (answer["status"], datetime.fromisoformat(answer["invalid_at"])) == ("invalid", contract.ended_at)
    assert answer["actions"] == ["preview", "download", "reapply"]
    for status, count in {"invalid": 1, "draft": 0, "official": 0}.items():
        assert len(api.get("contracts/", {"status": status}).json()["results"]) == count


def on_the_public_page_and_in_the_back_office(contract, _membership):
    page = Client().get(reverse("verify"), {"code": contract.verification_code})
    assert "invalid" in page.text.lower()
    finance = member_of("Finance")
    for status, shown in {"invalid": True, "draft": False, "official": False}.items():
        assert (contract.number in finance.get(f"/admin/contracts/contract/?status={status}").text) == shown
    assert "Invalid" in text_of(finance.get(f"/admin/contracts/contract/{contract.pk}/change/"))
    assert contract.number not in finance.get("/admin/contracts/contract/?attention=ending").text


def test_it_is_neither_converted_nor_voided_and_holds_nothing(contract, membership):
    actor = actor_of(membership, "page")
    calls = {
        services.convert_to_official: {"transition_not_allowed", "contract_expired"},
        services.void_draft: {"transition_not_allowed"},
    }
    for service, codes in calls.items():
        with pytest.raises(Refused) as refused:
            service(contract=contract, by=actor)
        assert refused.value.code in codes
    with pytest.raises(Refused):
        services.request_void(contract=contract, reason="late", by=actor)
    first = contract.lines.first().order
    if first.status_on(timezone.now()) == "unpaid":  # the other one was cancelled
        again = services.apply_for_contract(type="payment_request", order_numbers=[first.number], by=actor)
        assert again.status == "draft"
    assert services.invalidate_due(now=timezone.now()) <= 1
    assert Contract.objects.get(pk=contract.pk).invalid_at == contract.ended_at
