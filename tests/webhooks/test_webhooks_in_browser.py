"""A person adds an endpoint, tries it, sees what it answered, and sends again, in Chromium."""

import re
import threading

import pytest
from django.db import connections
from playwright.sync_api import expect

from tests import factories
from tests.contracts.pages.browser import SIZES, browsing, needs_chromium, sign_in
from tests.webhooks.receiving import due
from webhooks.sending import send_due_webhooks

pytestmark = [pytest.mark.exhaustive, needs_chromium, pytest.mark.django_db(transaction=True)]


def the_worker_comes_by():
    """In a thread of its own: playwright's loop runs in the test's."""

    def work():
        send_due_webhooks()
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_adding_to_delivered(membership, live_server, receiving, size, scripts):
    factories.MembershipFactory(account=membership.account, user=factories.UserFactory(username="demo"))
    receiving.answers = [503]
    with browsing(live_server.url, size, scripts=scripts) as page:
        page.goto("/account/webhooks/")
        sign_in(page)
        page.get_by_role("link", name="Add an endpoint").click()
        page.get_by_label("Address").fill(receiving.url)
        page.get_by_label("Contract became official").check()
        page.get_by_role("button", name="Add the endpoint").click()
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{44}", page.get_by_label("The secret").inner_text())
        page.get_by_role("link", name="I have copied it").click()

        page.get_by_role("button", name="Send a test event").click()
        expect(page.get_by_text("A test event is being sent.")).to_be_visible()
        the_worker_comes_by()
        page.reload()
        expect(page.locator(".status-delivery-failed")).to_be_visible()
        page.get_by_role("link", name=f"‹ {receiving.url}").click()
        page.get_by_role("button", name="Send a test event").click()
        the_worker_comes_by()
        page.reload()
        expect(page.locator(".status-delivery-delivered")).to_be_visible()
        expect(page.get_by_text("thank you")).to_be_visible()
    assert receiving.types == ["endpoint.test", "endpoint.test"]


def test_this_page_selects_what_can_be_resent(membership, live_server, endpoint):
    factories.MembershipFactory(account=membership.account, user=factories.UserFactory(username="demo"))
    for i in range(3):
        due(endpoint, f"EC{i}", state="failed")
    due(endpoint, "EC9")
    with browsing(live_server.url, "wide") as page:
        page.goto(f"/account/webhooks/{endpoint.pk}/")
        sign_in(page)
        page.get_by_label("This page").check()
        expect(page.locator("[name=delivery]:checked")).to_have_count(3)
        page.get_by_label("Select contract.drafted EC1").uncheck()
        page.get_by_role("button", name="Resend selected").click()
        expect(page.get_by_text("2 events are being resent.")).to_be_visible()
