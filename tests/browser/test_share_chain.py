"""Who passed on what to whom: the share that led somewhere is the parent of the next one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from shortener.channels import BY_NAME
from tests.browser.paper import KEY, Paper, open_page, press_whatsapp
from tests.end_to_end.processes import wait_until

WHATSAPP = BY_NAME["whatsapp"].number
COPY = BY_NAME["copy"].number
HIDE = """
let isEnded = false
for (const type of ["pagehide", "visibilitychange"]) {
  addEventListener(type, (event) => isEnded && event.stopImmediatePropagation(), true)
}
self.hide = () => {
  Object.defineProperty(document, "hidden", {get: () => true})
  document.dispatchEvent(new Event("visibilitychange"))
  isEnded = true
}
"""


@pytest.fixture
def landed(browsing, shared) -> Page:
    """The page of whoever has opened that link."""
    _, link = shared
    window = browsing.window()
    window.add_init_script(HIDE)
    return open_page(window, link)


def copy(page: Page, placement: str) -> str:
    """Copy the link from a bar of that placement; return it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bar = page.locator("grapevine-share")
    bar.evaluate("(bar, placement) => bar.setAttribute('placement', placement)", placement)
    page.get_by_role("link", name="Copy link").click()
    expect(page.get_by_role("status")).to_have_text("Link copied")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_three_generations_by_whatsapp(browsing, paper, shared, landed):
    article, _ = shared
    other = paper.put()
    landed.goto(other)
    link = press_whatsapp(landed, placement="second")
    press_whatsapp(open_page(browsing.window(), link), placement="third")

    paper.await_shares(article, (WHATSAPP, "first", None))
    paper.await_shares(other, (WHATSAPP, "second", "first"), (WHATSAPP, "third", "second"))


def test_three_generations_by_copying(browsing, paper):
    url = paper.put()
    first = copy(open_page(browsing.window(), url), "first")
    second = copy(open_page(browsing.window(), first), "second")
    copy(open_page(browsing.window(), second), "third")

    paper.await_shares(
        url, (COPY, "first", None), (COPY, "second", "first"), (COPY, "third", "second")
    )


def test_a_press_through_the_server_knows_its_parent_too(browsing, paper, shared):
    url, link = shared
    window = browsing.window()
    window.route("**/offer?*", lambda route: None)
    page = window.new_page()
    page.goto(link)
    press_whatsapp(page, placement="second")

    paper.await_shares(url, (WHATSAPP, "first", None), (WHATSAPP, "second", "first"))


def test_without_javascript_nothing_tells_who_the_parent_was(browsing, paper):
    path = "/plain-links"
    query = urlencode({"site": KEY, "url": paper.base + path, "placement": "second"})
    plain = f'<a href="{paper.stack.base}/share/whatsapp?{query}">WhatsApp</a>'
    url = paper.put(f"<grapevine-share>{plain}</grapevine-share>", path=path)
    link = press_whatsapp(open_page(browsing.window(), url), placement="first")
    page = browsing.page(javascript=False)
    page.goto(link)
    press_whatsapp(page)

    paper.await_shares(url, (WHATSAPP, "first", None), (WHATSAPP, "second", None))


# Still a child


def reload(page: Page, url: str) -> Page:
    page.reload()
    return page


def go_back(page: Page, url: str) -> Page:
    page.goto(f"{page.url}?elsewhere")
    page.go_back()
    return page


def follow_a_link(page: Page, url: str) -> Page:
    page.evaluate("location.href = location.href + '?elsewhere'")
    page.wait_for_url("**?elsewhere")
    return page


def come_back_after_the_page_was_ended(page: Page, url: str) -> Page:
    """As phones do to what is out of sight: hide it, and end it without telling it."""
    page.evaluate("hide()")
    page.reload()
    page.wait_for_function("self.grapevine")
    return page


@pytest.mark.parametrize(
    "move", [reload, go_back, follow_a_link, come_back_after_the_page_was_ended]
)
def test_whoever_was_brought_stays_so(paper, shared, landed, move):
    url, _ = shared
    page = move(landed, url)
    press_whatsapp(page, placement="second")

    wait_for_placement(paper, "second", "first", url)


def wait_for_placement(paper: Paper, placement: str, parent: str | None, url: str) -> None:
    """Wait until a page, or one that differs by its query, has such a share, and no other."""
    query = (
        "SELECT DISTINCT share.placement, parent.placement FROM analytics_share share "
        "JOIN shortener_link link ON link.id = share.link_id "
        "LEFT JOIN analytics_share parent ON parent.id = share.parent "
        f"WHERE link.destination IN ('{url}', '{url}?elsewhere') "
        f"AND share.placement = '{placement}'"
    )
    found = wait_until(lambda: paper.rows(query), what=f"a press in {placement}")
    assert found == [(placement, parent)]


# No child


def bare_tab(page: Page, url: str) -> Page:
    return open_page(page.context, url)


def tab_opened_by_the_page(page: Page, url: str) -> Page:
    with page.context.expect_page() as opened:
        page.evaluate("url => void open(url)", url)
    return opened.value


def bookmark_of_the_day_before(page: Page, url: str) -> Page:
    page.clock.install(time=datetime.now(UTC) + timedelta(days=1))
    page.goto(page.url)
    return page


def bookmark_in_another_tab(page: Page, url: str) -> Page:
    assert "gv=" not in page.url
    return open_page(page.context, page.url)


@pytest.mark.parametrize(
    "way",
    [bare_tab, tab_opened_by_the_page, bookmark_of_the_day_before, bookmark_in_another_tab],
)
def test_whoever_comes_another_way_is_nobodys_child(paper, shared, landed, way):
    url, _ = shared
    page = way(landed, url)
    press_whatsapp(page, placement="second")

    wait_for_placement(paper, "second", None, url)


def test_a_tab_left_open_overnight_forgets_who_brought_it(browsing, paper, shared):
    url, link = shared
    page = browsing.page()
    page.clock.install()
    page.goto(link)
    press_whatsapp(page, placement="evening")
    page.clock.fast_forward("24:00:00")
    press_whatsapp(page, placement="morning")

    wait_for_placement(paper, "evening", "first", url)
    wait_for_placement(paper, "morning", None, url)


def test_another_link_in_the_same_tab_brings_somebody_else(browsing, paper, shared, landed):
    url, _ = shared
    other = press_whatsapp(open_page(browsing.window(), url), placement="other")
    landed.goto(other)
    press_whatsapp(landed, placement="second")

    wait_for_placement(paper, "second", "other", url)
