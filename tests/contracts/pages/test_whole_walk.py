"""The walk of the modelled page, whole: both types, both languages, with and without scripts, wide and on a phone.

Any two of these four are met in every combination.
"""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contracts.models import Contract
from tests import factories
from tests.contracts.pages.browser import browsing, needs_chromium, sign_in

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
SAID = {
    "en": ["Order contract", "Payment request contract", "Draft contract", "Active official contract"],
    "zh-CN": ["订单合同", "请款合同", "草稿合同", "正式合同"],
}


@pytest.fixture
def account(issuer):
    account = factories.PartyProfileFactory().account
    factories.MembershipFactory(account=account, user=factories.UserFactory(username="demo"))
    factories.PaidOrderFactory.create_batch(3, account=account, paid_at=timezone.now())
    factories.OrderFactory.create_batch(3, account=account, ordered_at=timezone.now())
    return account


@pytest.mark.rule("R2")
@pytest.mark.rule("R15")
@pytest.mark.rule("R29")
@pytest.mark.rule("R31")
@pytest.mark.rule("R32")
@pytest.mark.parametrize(
    ("type_", "language", "scripts", "size"),
    [
        ("order", "en", True, "wide"),
        pytest.param("order", "zh-CN", False, "phone", marks=pytest.mark.exhaustive),
        pytest.param("payment-request", "en", False, "phone", marks=pytest.mark.exhaustive),
        pytest.param("payment-request", "zh-CN", True, "phone", marks=pytest.mark.exhaustive),
        pytest.param("payment-request", "zh-CN", False, "wide", marks=pytest.mark.exhaustive),
    ],
)
def test_from_the_dialog_to_the_sealed_file(account, live_server, monkeypatch, type_, language, scripts, size):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    order_contract, payment_request, draft, active = SAID[language]
    with browsing(live_server.url, size, scripts=scripts, language=language) as page:
        page.goto("/")
        sign_in(page)
        page.locator("main a[href='/contracts/apply/']").first.click()
        name = order_contract if type_ == "order" else payment_request
        page.locator(f"a[href='/contracts/apply/{type_}/']:visible", has_text=name).first.click()

        for at in range(2):  # each waits for its row; `all()` would take what of the page is there
            page.locator("input[name=order_numbers]").nth(at).check()
        page.locator("button[name=next]:visible").click()

        expect(page.get_by_text("CNY 2,161.00").first).to_be_visible()
        expect(page.get_by_text(account.certified_name).last).to_be_visible()
        if size == "wide" and not scripts:  # back to modify, and the selection is kept (R14)
            page.locator(f"main a[href^='/contracts/apply/{type_}/?selection=']").last.click()
            expect(page.locator("input[name=order_numbers]:checked")).to_have_count(2)
            page.locator("button[name=next]:visible").click()
        page.locator(
            "main form[method=post] button[type=submit]:visible, main form[method=post] button:not([type]):visible"
        ).last.click()
        page.wait_for_url("**/created/")
        if (language, type_, size) == ("en", "order", "wide"):
            page.wait_for_url("**/contracts/")  # by itself, after 5 seconds
        else:
            page.goto("/contracts/")

        number = Contract.objects.get().number
        row = page.locator("tbody tr", has_text=number)
        expect(row).to_contain_text(draft)
        row.get_by_role("link", name=number).click()
        expect(page.locator("main img").first).to_be_visible()
        page.goto(f"/contracts/{number}/convert/")
        page.locator("main [name=consent]").check()
        page.locator("main form[method=post]:has([name=consent]) button:visible").last.click()
        page.wait_for_url("**/contracts/")
        expect(page.locator("tbody tr", has_text=number)).to_contain_text(active)
        with page.expect_download() as saved:
            page.locator("tbody tr", has_text=number).locator("a[href*='download']").first.click()
        assert saved.value.suggested_filename == f"{number}.pdf"
    assert Contract.objects.get().status == "official"
