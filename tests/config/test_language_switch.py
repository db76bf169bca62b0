"""The pages in English and 简体中文: switched in the top bar, and nothing else changes."""

import re
import shutil
from html import unescape
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from accounts.access.actors import actor_of
from contracts import services
from tests import factories

NAMES = {"English", "Asia", "Shanghai", "Adobe", "Acrobat", "Reader", "Windows", "Linux", "Webhook", "pdfsig", "txt"}
"""The switch itself, the account's time zone, programs and words that Chinese uses too."""


class Reader(HTMLParser):
    """What a page says: text, and the attributes that are read out or shown."""

    SAID = ("aria-label", "alt", "title", "placeholder", "data-label")
    QUOTED = ("code", "bdi")
    """Commands, and names from outside such as those in a certificate."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.quoting = 0
        self.feed(page)

    def handle_data(self, data: str) -> None:
        if not self.quoting:
            self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quoting += tag in self.QUOTED
        self.said += [value or "" for name, value in attrs if name in self.SAID]

    def handle_endtag(self, tag: str) -> None:
        self.quoting -= tag in self.QUOTED

    @property
    def english(self) -> set[str]:
        """Words that are no codes, no addresses and not what a program answers: those in small letters."""
        text = re.sub(r"https?://\S+|“[ -~]+”", "", " ".join(self.said))
        return set(re.findall(r"\b[A-Z]?[a-z]{3,}\b", text)) - NAMES


@pytest.fixture
def member(db):
    """The owner of an account that has only Chinese data: whatever English is on their pages is ours."""
    factories.IssuerFactory(email="ht@b.cn")
    profile = factories.PartyProfileFactory(email="cw@a.cn", account__number="20000001")
    return factories.MembershipFactory(account=profile.account, user=factories.UserFactory(username="13800000000"))


@pytest.fixture
def visit(member) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def chinese(visit) -> Client:
    visit.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    return visit


@pytest.fixture
def bought(member):
    """Makes an order of the account, in Chinese too."""
    server = factories.ProductFactory(name="云服务器", code="1001")

    def make(factory=factories.PaidOrderFactory, *, product=server, **fields):
        fields = {"configuration": "2 核 4 G", "region": "上海", **fields}
        return factory(account=member.account, product=product, **fields)

    return make


def switch(client: Client, page, language: str):
    """Press a button of the page's language switch."""
    assert f'name="language" value="{language}"' in page.text
    [address] = re.findall(r'language-switch">.*?name="next" value="([^"]*)"', page.text, re.DOTALL)
    return client.post("/i18n/setlang/", {"language": language, "next": unescape(address)}, follow=True)


@pytest.mark.django_db
def test_the_switch_is_on_the_page_before_signing_in(client):
    page = client.get("/login/?next=/orders/")
    assert '<html lang="en">' in page.text
    assert 'value="en" lang="en" aria-current="true"' in page.text

    page = switch(client, page, "zh-hans")

    assert page.redirect_chain == [("/login/?next=/orders/", 302)]
    assert '<html lang="zh-hans">' in page.text
    assert 'value="zh-hans" lang="zh-hans" aria-current="true"' in page.text
    assert "登录" in page.text


def test_the_choice_outlives_the_browser_session(visit):
    switch(visit, visit.get("/contracts/"), "zh-hans")

    cookie = visit.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["max-age"] == 365 * 24 * 60 * 60
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("Lax", True)


@pytest.mark.rule("R14")
def test_switching_keeps_what_is_checked_and_not_kept_yet(visit, bought):
    order = bought(paid_at=timezone.now())
    page = visit.get("/contracts/apply/order/?product=云&page=1")
    assert page.text.count('form="picker" name="language"') == 2
    [address] = re.findall(r'action="([^"]*)" id="picker"', page.text)

    given = {"shown": order.number, "order_numbers": order.number, "language": "zh-hans"}
    answer = visit.post(f"/contracts/apply/order/{unescape(address)}", given, follow=True)

    [(led_to, _)] = answer.redirect_chain
    assert "product=%E4%BA%91&page=1&selection=" in led_to
    assert re.search(rf'value="{order.number}"[^>]* checked', answer.text)
    assert "选择订单" in answer.text


CHROMIUM = shutil.which("chromium") or ""


@pytest.mark.rule("R14")
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.exhaustive)], ids=["scripts", "no script"]
)
def test_switching_in_a_browser_keeps_what_was_just_checked(visit, bought, live_server, monkeypatch, scripts):
    order = bought(paid_at=timezone.now())
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=live_server.url, java_script_enabled=scripts)
        session = visit.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto("/contracts/apply/order/")
        page.get_by_label(f"Select order {order.number}").check()
        page.get_by_role("button", name="简体中文").click()
        expect(page.get_by_label(f"选择订单 {order.number}")).to_be_checked()
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
        page.goto("/verify/")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", name="Verify a contract")).to_be_visible()
        browser.close()


@pytest.mark.rule("R14")
def test_switching_keeps_the_page_the_search_and_the_selection(visit, bought):
    order = bought(paid_at=timezone.now())
    kept = visit.post("/contracts/apply/order/", {"order_numbers": order.number, "search": "1", "product": "云"})

    page = switch(visit, visit.get(kept["Location"]), "zh-hans")

    assert page.redirect_chain == [(kept["Location"], 302)]
    assert "选择订单" in page.text
    assert re.search(rf'value="{order.number}"[^>]* checked', page.text)

    assert re.search(rf'value="{order.number}"[^>]* checked', switch(visit, page, "en").text)


def test_switching_leads_to_no_other_site(visit):
    answer = visit.post("/i18n/setlang/", {"language": "zh-hans", "next": "https://evil.example/"})

    assert answer["Location"] == "/"


@pytest.mark.parametrize("type_", ["order", "payment_request"])
def test_no_english_is_left_on_the_way_to_a_contract(chinese, member, bought, type_):
    factory = factories.PaidOrderFactory if type_ == "order" else factories.OrderFactory
    domain = factories.ProductFactory(name="域名", code="1002", supports_contracts=False)
    held, _wrong, free = bought(factory), bought(factory, product=domain), bought(factory)
    by = actor_of(member, "page")
    contract = services.apply_for_contract(type=type_, order_numbers=[held.number], by=by)
    picker = f"/contracts/apply/{type_.replace('_', '-')}/"
    shown = chinese.get(picker).text
    assert f"已关联合同 {contract.number}，作废该合同后即可选择。" in shown
    assert "该产品不支持申请电子合同。" in shown
    confirm = chinese.post(picker, {"order_numbers": free.number, "next": "1"})["Location"]

    for address in ("/contracts/apply/", picker, confirm, f"/contracts/{contract.number}/created/"):
        page = chinese.get(address)
        assert page.status_code == 200
        assert (address, Reader(page.text).english) == (address, set())
    refused = chinese.post(confirm, {"email": "?"})
    assert (refused.status_code, Reader(refused.text).english) == (400, set())


def test_no_english_is_left_on_the_pages_of_contracts(chinese, member, bought):
    by = actor_of(member, "page")

    def draft():
        return services.apply_for_contract(type="order", order_numbers=[bought().number], by=by, language="zh-hans")

    drafted, voided = draft(), services.void_draft(contract=draft(), by=by, reason="订单有误")
    official, requested = (services.convert_to_official(contract=draft(), by=by) for _ in range(2))
    services.request_void(contract=requested, reason="主体有误", by=by)

    addresses = ["/contracts/", f"/contracts/{drafted.number}/convert/", f"/contracts/{drafted.number}/void/"]
    addresses += [f"/contracts/{contract.number}/" for contract in (drafted, voided, official, requested)]
    addresses += [f"/contracts/{official.number}/request-void/", f"/verify/?code={official.verification_code}"]
    for address in addresses:
        page = chinese.get(address)
        assert page.status_code == 200
        assert (address, Reader(page.text).english) == (address, set())
    again = chinese.get(f"/contracts/{voided.number}/document/")
    assert (again.status_code, Reader(again.text).english) == (410, set())


def test_no_english_is_left_on_the_other_pages(chinese, bought):
    unpaid, paid = bought(factories.OrderFactory), bought()

    addresses = ["/contracts/", "/orders/", "/help/", "/verify/", "/verify/?code=2", "/orders/404/", "/account/"]
    addresses += [f"/account/{part}/" for part in ("certification", "details", "ledger", "tokens")]
    addresses += [f"/orders/{order.number}/" for order in (unpaid, paid)]
    addresses += [f"/orders/{unpaid.number}/{page}/" for page in ("pay", "pay/balance", "cancel")]
    for address in addresses:
        page = chinese.get(address)
        assert (address, Reader(page.text).english) == (address, set())


def test_no_english_is_left_on_the_way_in(client, db):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"

    assert Reader(client.get("/login/").text).english == set()
    assert Reader(client.post("/login/", {"username": "", "password": ""}).text).english == set()


def test_the_api_speaks_english_unless_it_is_asked_for_chinese(api):
    answers = [api.apply("order", "FO404"), api.post("contracts/", CHINESE_BODY, **{"Accept-Language": "zh-CN"})]

    assert [answer.json()["code"] for answer in answers] == ["order_not_found"] * 2
    assert [answer.json()["detail"] for answer in answers] == [
        "Order FO404 was not found in this account.",
        "在当前账户下未找到订单 FO404。",
    ]


CHINESE_BODY = {"type": "order", "order_numbers": ["FO404"]}
