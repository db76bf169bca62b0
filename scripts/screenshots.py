"""`make screenshots`: pictures of the console and the back office in docs/screenshots/, wide and as on a phone.

Runs the demo in a data folder of its own. Needs Chromium (scripts/install_tools.sh).
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}
PREPARE = [["migrate", "--verbosity", "0"], ["init_seal"], ["init_seal", "--test-accounts"], ["seed_demo"]]


@contextmanager
def demo() -> Iterator[str]:
    """A running demo; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder, "PORT": str(port)}
        for elsewhere in ("DATABASE_URL", "REDIS_URL"):
            environment.pop(elsewhere, None)
        manage = [sys.executable, "manage.py"]
        for command in PREPARE:
            subprocess.run([*manage, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        serve = [*manage, "runserver", f"127.0.0.1:{port}", "--noreload"]
        silent = subprocess.DEVNULL
        server = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=silent, stderr=silent)
        try:
            wait_for(f"{address}/healthz")
            yield address
        finally:
            server.terminate()
            server.wait()


def wait_for(address: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{address} does not answer")


def walk(page: Page, address: str, take: "Shooter") -> None:
    """One visit: every page that a customer comes by, in the order of the walk."""
    page.goto(f"{address}/login/")
    take("sign-in")
    for name, path in {
        "password-forgotten": "",
        "password-link-sent": "sent/",
        "password-link-ended": "MQ/made-up/",
    }.items():
        page.goto(f"{address}/password/{path}")
        take(name)
    page.goto(f"{address}/login/")
    page.fill("[name=username]", "demo")
    page.fill("[name=password]", "demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/contracts/")
    page.click("text=Apply for Contract")
    take("choose-type")
    apply_for_both_types(page, address, take)
    page.goto(f"{address}/contracts/")
    take("contract-list")
    open_what_opens(page, address, take)
    for name in ("orders", "account", "help"):
        page.goto(f"{address}/{name}/")
        take(name)
    for name in ("certification", "details", "ledger", "tokens", "webhooks", "password", "security"):
        page.goto(f"{address}/account/{name}/")
        take(f"account-{name}")
    page.goto(f"{address}/account/tokens/create/")
    take("account-token-create")
    page.goto(f"{address}/orders/?status=unpaid")
    unpaid = page.locator("main a[href^='/orders/FO']").first.get_attribute("href")
    for name, path in {"": "", "-payment": "pay/", "-payment-balance": "pay/balance/", "-cancel": "cancel/"}.items():
        page.goto(f"{address}{unpaid}{path}")
        take(f"order{name}")
    page.goto(f"{address}/contracts/?q=nothing-of-this-name")
    take("contract-list-empty")
    page.goto(f"{address}/verify/")
    take("verify")


def apply_for_both_types(page: Page, address: str, take: "Shooter") -> None:
    """From the picker to the draft, by the way of what it warns of."""
    page.goto(f"{address}/contracts/apply/order/")
    boxes = page.locator("input[name=order_numbers]:not([disabled])")
    for i in range(9):
        boxes.nth(i).check()
    page.wait_for_selector("[data-picked-count]:text('9')")
    take("picker-currencies")
    page.click("[name=without]")
    page.locator("tbody tr", has=page.locator("input:disabled")).first.scroll_into_view_if_needed()
    take("picker-order")
    from_picker_to_confirm(page, take)
    page.fill("#id_email", "nobody")
    page.click("text=Generate Draft Contract")
    page.wait_for_selector("#errors")
    take("confirm-wrong")
    page.goto(f"{address}/contracts/apply/payment-request/")
    take("picker-payment-request")
    for i in range(2):
        boxes.nth(i).check()
    page.click("button[name=next]")
    page.wait_for_url("**/confirm/**")
    take("confirm-payment-request", whole=True)
    page.click("text=Generate Draft Contract")
    page.click("text=Stay on this page")
    page.wait_for_url("**/created/?stay=1")
    page.wait_for_load_state("networkidle")
    take("created")
    page.click("text=Preview the draft")
    page.wait_for_selector(".preview")
    page.wait_for_load_state("networkidle")
    take("preview-draft")


def from_picker_to_confirm(page: Page, take: "Shooter") -> None:
    """By way of an order's details beside the picker."""
    page.locator("tbody th a").first.click()
    page.wait_for_selector(".drawer[open] dl")
    take("picker-drawer")
    page.click(".drawer-close")
    page.click("button[name=next]")
    page.wait_for_url("**/confirm/**")
    take("confirm-order")


def open_what_opens(page: Page, address: str, take: "Shooter") -> None:
    """The dialogs of the list, and the previews of an official and a voided contract."""
    page.click("summary:has-text('Status')")
    take("contract-list-filter")
    page.keyboard.press("Escape")
    for name, label in (
        ("convert", "Convert to official contract"),
        ("void", "Void"),
        ("request-void", "Request void"),
    ):
        page.locator("tbody").get_by_role("link", name=label, exact=True).first.click()
        page.wait_for_selector("#dialog[open] form")
        take(f"dialog-{name}")
        page.locator("#dialog [formmethod=dialog]").click()
    for name, status in (("preview", "Active official contract"), ("voided", "Voided")):
        page.goto(f"{address}/contracts/")
        page.locator("tbody tr", has_text=status).locator("th a").first.click()
        page.wait_for_selector(".preview")
        page.wait_for_load_state("networkidle")
        take(name, whole=True)


def walk_in_chinese(page: Page, address: str, take: "Shooter") -> None:
    """The pages that the Chinese guide shows. Links are told by their addresses, for the words are other ones."""
    page.goto(f"{address}/login/")
    page.fill("[name=username]", "demo")
    page.fill("[name=password]", "demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/contracts/")
    take("contract-list")
    page.click("main a[href='/contracts/apply/']")
    page.wait_for_selector("dialog[open]")
    take("choose-type")
    page.goto(f"{address}/contracts/apply/order/")
    boxes = page.locator("input[name=order_numbers]:not([disabled])")
    for i in range(9):
        boxes.nth(i).check()
    page.click("[name=without]")
    from_picker_to_confirm(page, take)
    for name in ("convert", "request-void"):
        page.goto(f"{address}/contracts/")
        page.locator(f"tbody a[href$='/{name}/']").first.click()
        page.wait_for_selector("#dialog[open] form")
        take(f"dialog-{name}")
    page.goto(f"{address}/verify/")
    take("verify")


def walk_office(page: Page, address: str, take: "Shooter") -> None:
    """The back office, as Finance and then Legal see it; nothing is decided."""
    enter_office(page, address, "finance")
    take("office-home", whole=True)
    lists = f"{address}/admin/contracts"
    page.goto(f"{lists}/voidticket/")
    take("office-tickets")
    page.locator("#result_list tbody a").first.click()
    ticket = page.url
    take("office-ticket")
    for decision in ("approve", "reject"):
        page.goto(ticket.replace("change/", f"{decision}/"))
        take(f"office-ticket-{decision}", whole=True)
    page.goto(f"{lists}/contract/?attention=flagged")
    take("office-contracts")
    page.locator("#result_list tbody a").first.click()
    take("office-contract")
    page.click("text=Check now")
    take("office-contract-check")
    for app, name in (("accounts", "certificationrequest"), ("billing", "ledgerentry")):
        page.goto(f"{address}/admin/{app}/{name}/")
        take(f"office-{name}")
        page.locator("#result_list tbody a").first.click()
        take(f"office-{name}-one", whole=True)
    page.goto(f"{address}/admin/accounts/account/")
    page.locator("#result_list tbody a").first.click()
    take("office-customer", whole=True)
    for name in ("book", "statement"):
        page.goto(f"{address}/admin/billing/ledgerentry/{name}/")
        take(f"office-{name}")
    enter_office(page, address, "legal")
    page.goto(f"{lists}/clauseversion/")
    take("office-clauses")
    page.locator("#result_list tbody a").first.click()
    take("office-clauses-one")
    page.goto(f"{address}/admin/orders/product/")
    take("office-products")


def enter_office(page: Page, address: str, name: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/admin/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", name)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".office-user")


class Shooter:
    """Takes one page's pictures under its name."""

    def __init__(self, page: Page, folder: Path, suffix: str) -> None:
        self.page, self.folder, self.suffix = page, folder, suffix

    def __call__(self, name: str, *, whole: bool = False) -> None:
        if whole:  # pictures further down would load when they come into view, and nobody scrolls here
            for picture in self.page.query_selector_all("img[loading=lazy]"):
                picture.evaluate("image => { image.loading = 'eager'; return image.decode() }")
        self.page.screenshot(path=self.folder / f"{name}-{self.suffix}.png", full_page=whole)


def visit(browser: Browser, address: str, width: str, folder: Path, scheme: Literal["light", "dark"]) -> None:
    page = open_page(browser, width, scheme, "en-GB")
    walk(page, address, Shooter(page, folder, width))
    walk_office(page, address, Shooter(page, folder, width))
    page.close()


def open_page(browser: Browser, width: str, scheme: Literal["light", "dark"], locale: str) -> Page:
    viewport = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    page = browser.new_page(viewport=viewport, locale=locale, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(15_000)
    return page


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--to", type=Path, default=PICTURES, help="the folder of the pictures")
    arguments.add_argument("--dark", action="store_true", help="as seen by those who prefer dark")
    asked = arguments.parse_args()
    chromium = shutil.which("chromium") or sys.exit("Chromium is missing: scripts/install_tools.sh")
    asked.to.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        scheme: Literal["light", "dark"] = "dark" if asked.dark else "light"
        for width in WIDTHS:
            visit(browser, address, width, asked.to, scheme)
        page = open_page(browser, "wide", scheme, "zh-CN")
        walk_in_chinese(page, address, Shooter(page, asked.to, "chinese"))
        browser.close()


if __name__ == "__main__":
    main()
