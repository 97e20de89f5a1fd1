"""The self-test of an installation, followed live by whoever has put the buttons in."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import log_in
from tests.browser.test_access import assert_fits
from tests.end_to_end.processes import wait_until
from tests.factories import make_site
from tests.facts import PERSON, WHATSAPP

NAME, SECRET = "ines", "ladder-against-the-tree"
PERMISSIONS = ("view_site", "view_hit", "view_link")
HOST = "https://orchard.example"
PART = re.compile(r"&part=1$")


def write_site() -> None:
    """Make a site, and somebody who may check it; runs in Django beside the stack."""
    site = make_site(name="The Orchard", key="orchard", hosts=["orchard.example"])
    user = User.objects.create_user(NAME, password=SECRET, is_staff=True)
    site.members.add(user)
    user.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))


@pytest.fixture(scope="module")
def _site(stack):
    stack.python("from tests.browser.test_installation import write_site; write_site()")


@pytest.fixture
def page(_site, stack, browsing):
    """The page of the site, before the eyes of whoever may check it."""
    return open_site(browsing.page(), stack)


def open_site(page: Page, stack) -> Page:
    log_in(page, stack, NAME, SECRET)
    page.goto(f"{stack.base}/admin/shortener/site/")
    page.get_by_role("link", name="The Orchard").click()
    return page


def begin(page: Page, url: str) -> None:
    page.get_by_role("link", name="Check my installation").click()
    page.get_by_label("Address of a page with share buttons").fill(url)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("waiting", exact=True)).to_have_count(5)


def step(page: Page, title: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))


def ask_for_codes(stack, url: str) -> dict[str, str]:
    """Do as the buttons of a page do when they come into view; return the codes."""
    answer = stack.get(f"/offer?site=orchard&url={quote(url, safe='')}", User_Agent=PERSON)
    codes: dict[str, str] = json.loads(answer.body)["codes"]
    return codes


def report(stack, **event: Any) -> None:
    """Do as the script of a page does when something happened."""
    body = json.dumps([{"site": "orchard", **event}]).encode()
    headers = {"Content-Type": "text/plain", "User-Agent": PERSON}
    with urlopen(Request(f"{stack.base}/events", body, headers)) as answer:
        assert answer.status == 204


def requests_of(page: Page) -> list[str]:
    """Return a list that fills with what the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def test_each_step_shows_itself_as_soon_as_it_has_happened(page, stack):
    url = f"{HOST}/ladders"
    begin(page, url)
    status = page.get_by_role("status").first

    codes = ask_for_codes(stack, url)
    expect(step(page, "The script runs")).to_contain_text("seen at")
    expect(step(page, "The buttons have their codes")).to_contain_text("seen at")
    expect(step(page, "A button was pressed")).to_contain_text("waiting")

    report(stack, kind="press", code=codes["whatsapp"], placement="article-end")
    expect(step(page, "A button was pressed")).to_contain_text(
        "WhatsApp, placement “article-end”, the first of its chain"
    )
    expect(status).to_contain_text("A button was pressed: seen at")

    stack.get(f"/{codes['whatsapp']}", User_Agent=WHATSAPP)
    expect(step(page, "A messenger fetched the preview")).to_contain_text("fetched by WhatsApp")
    expect(page.get_by_role("row", name=WHATSAPP)).to_be_visible()

    stack.get(f"/{codes['whatsapp']}", User_Agent=PERSON)
    expect(step(page, "Somebody opened the link")).to_contain_text("link made for WhatsApp")
    expect(status).to_have_text(re.compile("^Somebody opened the link: seen at [0-9:]{8}\\.$"))

    seen = page.locator(".steps").inner_text()
    page.reload()
    assert page.locator(".steps").inner_text() == seen
    assert_fits(page)


@pytest.mark.usefixtures("_site")
def test_without_javascript_one_looks_again(stack, browsing):
    page = open_site(browsing.page(javascript=False), stack)
    url = f"{HOST}/baskets"
    begin(page, url)
    ask_for_codes(stack, url)

    def look_again() -> bool:
        page.get_by_role("link", name="Look again").click()
        return page.get_by_text("waiting", exact=True).count() == 3

    wait_until(look_again, what="the offer on the page that was loaded again")


def test_it_stops_looking_after_ten_minutes(page):
    page.clock.install()
    begin(page, f"{HOST}/stools")
    with page.expect_response(PART):
        page.clock.run_for(2000)

    page.clock.fast_forward(600_000)
    expect(page.get_by_role("status").first).to_have_text(
        "Ten minutes are over. Reload the page to go on."
    )
    asked = requests_of(page)
    page.clock.run_for(20_000)
    assert asked == []


def test_nobody_is_asked_while_nobody_looks(page):
    page.clock.install()
    begin(page, f"{HOST}/sieves")
    hide = "Object.defineProperty(document, 'hidden', { configurable: true, value: %s })"
    page.evaluate(hide % "true")
    asked = requests_of(page)
    page.clock.run_for(20_000)
    assert asked == []

    page.evaluate(hide % "false")
    with page.expect_response(PART):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_has_not_changed_stays_where_it_is(page):
    begin(page, f"{HOST}/crates")
    steps = page.locator(".steps").element_handle()
    for _ in range(2):
        page.wait_for_event("response", lambda response: PART.search(response.url))

    assert steps.evaluate("element => element.isConnected")


def test_whoever_is_logged_out_meanwhile_is_told(page):
    begin(page, f"{HOST}/carts")
    page.context.clear_cookies()

    expect(page.get_by_role("status").first).to_contain_text("You are logged out")


def test_a_page_elsewhere_is_refused_in_words(page, stack):
    page.get_by_role("link", name="Check my installation").click()
    page.get_by_label("Address of a page").fill("https://elsewhere.example/")
    page.get_by_role("button", name="Start").click()

    expect(page.get_by_text("elsewhere.example is not a host of this site.")).to_be_visible()
    expect(page.get_by_role("link", name="its page")).to_be_visible()
    assert_fits(page)
