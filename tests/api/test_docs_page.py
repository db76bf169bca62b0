"""The pages of the API's description work under the strict policy."""

import pytest

from tests.contracts.pages.browser import SIZES, browsing, needs_chromium

pytestmark = [pytest.mark.exhaustive, pytest.mark.django_db, needs_chromium]


@pytest.mark.parametrize("size", SIZES)
def test_every_call_is_listed_and_opens(live_server, monkeypatch, size):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with browsing(live_server.url, size) as page:
        page.goto("/api/v1/docs/")
        page.get_by_text("Draft a contract over orders").click()
        page.get_by_text("Idempotency-Key").first.wait_for()
        assert page.locator(".opblock").count() > 25
