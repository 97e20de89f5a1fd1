"""A real browser in front of the whole product, kept from the world outside."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from shortener.backlog import backlog
from tests.browser.paper import Paper, open_page, press_whatsapp
from tests.end_to_end.databases import sqlite
from tests.end_to_end.processes import Stack, wait_until
from tests.facts import PERSON

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    # No name but that of this machine is ever looked up, so wa.me can be asked for in vain.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
LOOPBACK = {None, "localhost", "127.0.0.1"}
PATIENCE_MS = 20_000

# Chromium tells most violations on the console as well, but not those of reports alone.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} forbids ${event.blockedURI}`)
})
"""


class Browsing:
    """Opens windows of people who share nothing, and notes what goes wrong in any of them."""

    def __init__(self, browser: Browser) -> None:
        self.problems: list[str] = []
        """Errors and warnings of pages, and what they asked of strangers."""
        self.left_for: list[str] = []
        """Addresses elsewhere that windows were sent to."""
        self._browser = browser
        self._windows: list[BrowserContext] = []
        self._forgiven: list[str] = []

    def window(self, *, javascript: bool = True) -> BrowserContext:
        """Open a window of a phone's size. Chromium's own agent is a bot's: it is headless."""
        window = self._browser.new_context(
            viewport=PHONE, user_agent=PERSON, java_script_enabled=javascript
        )
        window.set_default_timeout(PATIENCE_MS)
        window.add_init_script(REPORT_VIOLATIONS)
        window.on("console", self._heard)
        window.on("weberror", lambda error: self.problems.append(str(error.error)))
        window.on("request", self._asked)
        self._windows.append(window)
        return window

    def forgive(self, *parts: str) -> None:
        """Overlook problems that say one of these, also those that the browser tells later."""
        self._forgiven.extend(parts)

    def unforgiven(self) -> list[str]:
        return [
            problem
            for problem in self.problems
            if not any(part in problem for part in self._forgiven)
        ]

    def page(self, *, javascript: bool = True) -> Page:
        """Open a window that nobody else has, and return its only page."""
        return self.window(javascript=javascript).new_page()

    def close(self) -> None:
        for window in self._windows:
            window.close()

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that is meant to be missing is no error of the page itself.
        missing = message.page and message.location["url"] == message.page.url
        if message.type in {"error", "warning"} and not missing:
            self.problems.append(f"{message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).hostname in LOOPBACK:
            return
        if request.is_navigation_request():
            self.left_for.append(request.url)
        else:
            self.problems.append(f"{request.frame.url} asks for {request.url}")


@pytest.fixture(scope="package")
def stack(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running product, with its demo. Not started where there is no browser."""
    with Stack(tmp_path_factory.mktemp("browser") / "data") as stack:
        yield stack


@pytest.fixture(scope="package")
def paper(stack: Stack) -> Iterator[Paper]:
    """A site beside the product, whose pages have share buttons."""
    stack.python("from tests.browser.paper import write_site; write_site()")
    with Paper(stack) as paper:
        yield paper


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt install chromium, or CHROMIUM=/path/to/it")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def flawless(browser: Browser) -> Iterator[Browsing]:
    """Windows to open; nothing may go wrong in any of them."""
    browsing = Browsing(browser)
    yield browsing
    browsing.close()
    assert browsing.unforgiven() == []


@pytest.fixture
def browsing(chromium: Browser) -> Iterator[Browsing]:
    """Windows of a browser that says it is automated."""
    with flawless(chromium) as browsing:
        yield browsing


@pytest.fixture(scope="package")
def human(chromium: Browser) -> Iterator[Browser]:
    """A browser that does not call itself automated."""
    # What a page sends at its very end has the agent of the browser, not that of the window.
    agent = f"--user-agent={PERSON}"
    arguments = [*ARGUMENTS, agent, "--disable-blink-features=AutomationControlled"]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def people(human: Browser) -> Iterator[Browsing]:
    """Windows of people, as far as the product can tell."""
    with flawless(human) as browsing:
        yield browsing


@pytest.fixture
def shared(browsing: Browsing, paper: Paper) -> tuple[str, str]:
    """The address of a page, and the link with which somebody has shared it."""
    url = paper.put()
    return url, press_whatsapp(open_page(browsing.window(), url), placement="first")


def password(stack: Stack) -> str:
    """Return the administrator's password, which the start has printed."""
    return stack.said.partition("Password")[2].split()[0]


def log_in(page: Page, stack: Stack, user: str, secret: str) -> None:
    page.goto(f"{stack.base}/admin/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(secret)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Your account")).to_be_attached()


def settle(stack: Stack) -> None:
    """Wait until a click that comes now is counted, and so is all that came before it.

    It is a click on the demo's link itself, which no channel's numbers contain.
    """
    database = sqlite(stack.directory)
    query = "SELECT sum(clicks) FROM analytics_dailycontent WHERE channel = 0"
    [code] = {*re.findall(rb"link=(\w+)", stack.get("/demo/").body)}
    before = database.rows(query)
    stack.get(f"/{code.decode()}", User_Agent=PERSON)
    wait_until(
        lambda: database.rows(query) != before and not backlog(stack.journals).segments,
        what="the count of all that was answered",
    )
