"""A customer in Chromium, on whom nothing is blocked and no script fails."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or ""
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
# What htmx tells the console of a request that a newer one replaces, or that ends as the page is left.
ABORTED = ("htmx:afterRequest", "htmx:sendAbort")
RELOADING = re.compile(r"/(batches|exports)/[^/]+/$")
"""Addresses of pages that reload themselves while work goes on, and would do so under a slow test's hands."""
SIZES = {"wide": (1440, 900), "phone": (390, 844)}


@contextmanager
def browsing(
    address: str, size: str, *, scripts: bool = True, language: str = "en", policy: bool = True, errors: bool = False
) -> Iterator[Page]:
    """A page of a browser of this size and language. Leaving it fails for what was blocked or went wrong.

    `errors` True where pages are asked for that answer with one or not at all, which the browser's console reports.
    `policy` False lets the test itself run scripts in the page, which the site's policy forbids.
    Not pytest-playwright's own `page`: its loop outlives the test, and would bar every later one from the database.
    """
    width, height = SIZES[size]
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            locale=language,
            bypass_csp=not policy,
        )
        context.route(RELOADING, _let_stand_still)
        page = context.new_page()
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        browser.close()
    expected = (*ABORTED, "Failed to load resource", "htmx:sendError") if errors else ABORTED
    wrong = [said for said in problems if not said.startswith(expected)]
    assert not wrong, wrong


def _let_stand_still(route: Route) -> None:
    answer = route.fetch(max_redirects=0)
    route.fulfill(response=answer, headers={name: text for name, text in answer.headers.items() if name != "refresh"})


def sign_in(page: Page, username: str = "demo", password: str = "secret") -> None:
    """Sign in on the page shown, once its scripts have run, and wait for the page that follows."""
    page.wait_for_load_state("load")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: not urlsplit(url).path.endswith("/login/"))
