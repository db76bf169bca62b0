"""A member of a test account sees the mark in Chromium, in both languages, and makes a draft official (R48)."""

import pytest
from playwright.sync_api import expect

from accounts.models import Membership
from contracts.models import Contract
from tests import factories
from tests.contracts.pages.browser import SIZES, browsing, needs_chromium, sign_in
from tests.contracts.pages.test_accessibility import serious

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True), pytest.mark.rule("R48")]
WORDS = {"en": ("TEST", "test document"), "zh-CN": ("TEST 测试", "测试文件")}


@pytest.mark.parametrize(("size", "language"), [("wide", "en"), ("phone", "zh-CN")])
def test_the_mark_is_on_every_page_up_to_the_verdict(tester, live_server, monkeypatch, size, language):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    assert size in SIZES
    draft = factories.draft(tester)
    name = Membership.objects.get(account=tester.account).user.get_username()
    mark, verdict = WORDS[language]
    with browsing(live_server.url, size, language=language, policy=False) as page:
        page.goto("/contracts/")
        sign_in(page, name)
        for address in ("/contracts/", f"/contracts/{draft.number}/", "/contracts/apply/order/", "/account/"):
            page.goto(address)
            expect(page.locator(".notice-test")).to_be_visible()
            expect(page.locator(".notice-test .test-mark")).to_have_text(mark)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
            assert serious(page) == []
        page.goto(f"/contracts/{draft.number}/convert/")
        page.locator("main [name=consent]").check()
        page.locator("main form[action$='/convert/'] button.button-primary").click()
        page.wait_for_url("**/contracts/*")
        page.goto(f"/verify/?code={draft.verification_code}")
        expect(page.locator("#verdict")).to_contain_text(verdict)
        expect(page.locator(".verdict-good")).to_have_count(0)
        assert serious(page) == []
    assert Contract.objects.get(pk=draft.pk).status == "official"
