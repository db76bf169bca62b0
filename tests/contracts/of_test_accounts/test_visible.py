"""Test accounts and their contracts are visible as such: pages, back office, API, emails and webhooks (R48)."""

import json

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Membership
from contracts.services import approve_void, request_void
from emails.models import Notice
from emails.sending import send_due_emails
from orders.services import cancel_unpaid
from tests import factories
from tests.conftest import Api
from tests.contracts.back_office.legal import member_of, superuser
from tests.webhooks.receiving import deliveries, endpoint_of
from webhooks.models import FeedEvent

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R48")]
MARK = 'class="test-mark"'
NOTICE = "notice-test"
PAGES = (
    *("/contracts/", "/contracts/apply/order/", "/contracts/apply/payment-request/", "/orders/", "/account/", "/help/"),
    "/contracts/{number}/",
)


def membership_of(actor) -> Membership:
    return Membership.objects.get(account=actor.account)


def signed_in(actor) -> Client:
    client = Client()
    client.force_login(membership_of(actor).user)
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_the_account_says_so(trial, tester, language):
    client = signed_in(tester)
    client.cookies["django_language"] = language
    for page in PAGES:
        shown = client.get(page.format(number=trial.number)).text
        assert NOTICE in shown, page
        assert MARK in shown, page


def test_row_and_page_of_a_contract_carry_the_mark(trial, tester):
    client = signed_in(tester)
    everywhere = client.get("/help/").text.count(MARK)
    assert client.get("/contracts/").text.count(MARK) == everywhere + 1
    assert client.get(f"/contracts/{trial.number}/").text.count(MARK) == everywhere + 1


def test_pages_of_real_accounts_do_not_say_so(actor):
    contract = factories.official(actor)
    client = signed_in(actor)
    for page in PAGES:
        shown = client.get(page.format(number=contract.number)).text
        assert NOTICE not in shown, page
        assert MARK not in shown, page


def test_the_back_office_says_so(trial, tester):
    ticket = request_void(contract=trial, reason="Trial", by=tester)
    client = member_of("Finance")
    for page in (
        *("/admin/contracts/contract/?test=only", "/admin/orders/order/?test=only", "/admin/contracts/voidticket/"),
        *("/admin/contracts/sealuse/", "/admin/contracts/auditevent/", "/admin/contracts/contractdocument/"),
        f"/admin/contracts/contract/{trial.pk}/change/",
        f"/admin/contracts/voidticket/{ticket.pk}/change/",
        *(f"/admin/accounts/account/{trial.account_id}/customer/", "/admin/accounts/account/"),
    ):
        assert MARK in client.get(page).text, page
    assert f"{tester.account.number} {tester.account.certified_name} [TEST]" in client.get("/admin/").text


def test_the_customers_page_leads_to_the_lists_of_test_records(trial):
    shown = superuser().get(f"/admin/accounts/account/{trial.account_id}/customer/").text
    for model in ("contracts/contract", "orders/order"):
        assert f"/admin/{model}/?test=only&amp;q={trial.account.number}" in shown


def test_the_api_says_so(trial, tester, actor):
    api = Api(membership_of(tester))
    assert api.get("account/").json()["test"] is True
    assert api.get(f"contracts/{trial.number}/").json()["test"] is True
    assert [row["test"] for row in api.get("contracts/").json()["results"]] == [True]
    real = Api(membership_of(actor))
    assert real.get("account/").json()["test"] is False
    assert real.get(f"contracts/{factories.official(actor).number}/").json()["test"] is False


class TestEmails:
    @pytest.fixture
    def subjects(self):
        def sent() -> list[str]:
            send_due_emails()
            return [message.subject for message in mail.outbox]

        return sent

    @pytest.mark.parametrize("is_test", [True, False])
    def test_subjects_about_contracts_begin_with_it(self, tester, actor, subjects, is_test):
        by = tester if is_test else actor
        Membership.objects.get(account=by.account).user.__class__.objects.update(email="li@customer.example")
        contract = factories.official(by, language="both")
        approve_void(ticket=request_void(contract=contract, reason="Trial", by=by), by=factories.staff())
        sent = subjects()
        assert len(sent) == 2
        assert [subject.startswith("[TEST] ") for subject in sent] == [is_test] * 2

    def test_so_does_the_document(self, tester, subjects):
        tester.account.deliver_by_email = True
        tester.account.save()
        factories.official(tester)
        [subject] = subjects()
        assert subject.startswith("[TEST] ")

    def test_so_does_the_news_that_it_became_invalid(self, tester, subjects):
        Membership.objects.get(account=tester.account).user.__class__.objects.update(email="li@customer.example")
        contract = factories.official(tester, type="payment_request")
        cancel_unpaid(order=contract.lines.get().order, by=tester)
        assert Notice.objects.filter(kind="contract_invalid").exists()
        assert all(subject.startswith("[TEST] ") for subject in subjects())


class TestEvents:
    def test_webhooks_and_the_feed_have_the_mark(self, tester, actor):
        for by in (tester, actor):
            endpoint_of(by.account)
            factories.official(by)
        sent = {delivery.endpoint.account_id: json.loads(delivery.body)["data"]["test"] for delivery in deliveries()}
        assert sent == {tester.account.pk: True, actor.account.pk: False}
        feed = {event.account_id: json.loads(event.body)["data"]["test"] for event in FeedEvent.objects.all()}
        assert feed == sent

    def test_so_have_events_of_orders(self, tester):
        endpoint_of(tester.account)
        cancel_unpaid(order=factories.OrderFactory(account=tester.account), by=tester)
        [delivery] = deliveries()
        assert json.loads(delivery.body)["data"]["test"] is True
