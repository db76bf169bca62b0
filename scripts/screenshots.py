"""`make screenshots`: every page of the console as a picture in docs/screenshots/, wide and as on a phone.

Runs the demo in a data folder of its own. Needs Chromium (scripts/install_tools.sh).
"""

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

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}
PREPARE = [["migrate", "--verbosity", "0"], ["init_seal"], ["seed_demo"]]


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
    page.fill("[name=username]", "demo")
    page.fill("[name=password]", "demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/contracts/")
    take("contract-list")
    official = page.locator("tbody tr", has_text="Active official contract").locator("a").first.get_attribute("href")
    page.goto(f"{address}/contracts/apply/order/")
    for box in page.locator("input[name=order_numbers]:not([disabled])").all()[:3]:
        box.check()
    take("picker-order")
    page.click("text=Next")
    take("confirm-order")
    page.goto(f"{address}/contracts/apply/payment-request/")
    take("picker-payment-request")
    page.goto(f"{address}{official}")
    page.wait_for_load_state("networkidle")
    take("preview")
    for name in ("orders", "account"):
        page.goto(f"{address}/{name}/")
        take(name)
    page.goto(f"{address}/orders/?status=unpaid")
    unpaid = page.locator("main a[href^='/orders/FO']").first.get_attribute("href")
    page.goto(f"{address}{unpaid}pay/")
    take("order-payment")
    page.goto(f"{address}/verify/")
    take("verify")


class Shooter:
    """Takes one page's pictures under its name."""

    def __init__(self, page: Page, width: str) -> None:
        self.page, self.width = page, width

    def __call__(self, name: str) -> None:
        self.page.screenshot(path=PICTURES / f"{name}-{self.width}.png")


def visit(browser: Browser, address: str, width: str) -> None:
    viewport = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    page = browser.new_page(viewport=viewport, locale="en-GB")  # type: ignore[arg-type]
    page.set_default_timeout(15_000)
    walk(page, address, Shooter(page, width))
    page.close()


def main() -> None:
    chromium = shutil.which("chromium") or sys.exit("Chromium is missing: scripts/install_tools.sh")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for width in WIDTHS:
            visit(browser, address, width)
        browser.close()


if __name__ == "__main__":
    main()
