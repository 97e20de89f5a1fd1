"""What a landing reports, and what it leads to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.browser.conftest import ARGUMENTS, CHROMIUM, Browsing, settle
from tests.browser.paper import await_events, events_of, open_page, press_whatsapp
from tests.end_to_end.processes import wait_until

PRIVACY = "Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true})"
# Emulated: in a browser that tests drive, what should be prerendered is prefetched only.
PRERENDERING = """
let prerendering = true
Object.defineProperty(document, "prerendering", {get: () => prerendering})
self.activate = () => {
  prerendering = false
  document.dispatchEvent(new Event("prerenderingchange"))
}
"""


def code_of(link: str) -> str:
    return link.rpartition("/")[2]


def visits(events):
    return [event for event in events if event["kind"] == "visit"]


def test_a_landing_is_reported_once_and_leaves_no_code_in_the_address(browsing, paper, shared):
    url, short = shared
    window = browsing.window()
    events = events_of(window)
    page = open_page(window, f"{short}?utm_source=mail#top")

    assert page.url == f"{url}?utm_source=mail#top"
    assert events == [
        {
            "site": "paper",
            "automated": True,
            "kind": "visit",
            "code": code_of(short),
            "url": url,
            "navigation": "navigate",
        }
    ]
    query = (
        "SELECT automated FROM analytics_visit visit "
        f"JOIN shortener_link link ON link.id = visit.link_id WHERE destination = '{url}'"
    )
    assert wait_until(lambda: paper.rows(query)) == [(1,)]


def test_moves_within_the_site_are_no_landings(browsing, paper, shared):
    _, short = shared
    next_page = paper.put('<a href="/article-1">On</a>')
    window = browsing.window()
    page = open_page(window, short)
    events = events_of(window)
    page.evaluate("(url) => void (location.href = url)", next_page)
    page.wait_for_url(next_page)
    page.get_by_role("link", name="On").click()
    page.wait_for_url("**/article-1")

    settle(paper.stack)
    assert events == []


def test_a_landing_without_a_code_tells_where_from(browsing, paper):
    url = paper.put()
    elsewhere = paper.put(f'<a href="{url}?id=7&amp;fbclid=x#top">Read</a>', script="")
    window = browsing.window()
    events = events_of(window)
    page = window.new_page()
    page.goto(elsewhere.replace("127.0.0.1", "localhost"))
    page.get_by_role("link", name="Read").click()
    page.wait_for_url("**#top")
    await_events(page, events, 1)

    [visit] = events
    assert (visit["url"], visit["referrer"], visit["code"]) == (
        url,
        urlsplit(paper.base).netloc.replace("127.0.0.1", "localhost"),
        "",
    )


def test_a_page_says_which_page_it_is(browsing, paper):
    path = "/canonical"
    head = f'<link rel="canonical" href="{path}?id=7">'
    window = browsing.window()
    events = events_of(window)
    open_page(window, f"{paper.put(head=head, path=path)}?id=7&session=1")

    assert events[0]["url"] == f"{paper.base}{path}?id=7"


def test_a_reload_says_that_it_is_one(browsing, paper, shared):
    _, short = shared
    window = browsing.window()
    events = events_of(window)
    page = open_page(window, short)
    page.reload()
    await_events(page, events, 2)

    assert [(event["navigation"], event["code"]) for event in events] == [
        ("navigate", code_of(short)),
        ("reload", ""),
    ]


def test_a_page_that_comes_back_from_memory_reports_nothing(chromium: Browser, paper, shared):
    _, short = shared
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    browsing = Browsing(browser)
    window = browsing.window()
    events = events_of(window)
    window.add_init_script(
        "addEventListener('pageshow', ({persisted}) => { self.isPersisted = persisted })"
    )
    page = open_page(window, short)
    page.goto(paper.put())
    page.go_back(wait_until="commit")
    page.wait_for_function("self.isPersisted")
    press_whatsapp(page, placement="second")

    browser.close()
    assert len([event for event in visits(events) if event["code"]]) == 1
    assert events[-1]["parent"] == code_of(short)


def test_a_prerendered_page_reports_once_somebody_sees_it(browsing, paper, shared):
    url, short = shared
    window = browsing.window()
    window.add_init_script(PRERENDERING)
    events = events_of(window)
    page = window.new_page()
    with page.expect_response("**/share.js"):
        page.goto(short)
    settle(paper.stack)
    assert events == []
    assert page.url == f"{url}?gv={code_of(short)}"

    page.evaluate("activate()")
    press_whatsapp(page, placement="second")
    assert [event["code"] for event in visits(events)] == [code_of(short)]
    assert events[-1]["parent"] == code_of(short)
    assert page.url == url


def test_whoever_asks_for_privacy_is_not_reported_nor_remembered(browsing, paper, shared):
    url, short = shared
    window = browsing.window()
    window.set_extra_http_headers({"Sec-GPC": "1"})
    window.add_init_script(PRIVACY)
    events = events_of(window)
    page = open_page(window, short)
    press_whatsapp(page, placement="private")

    assert page.url == url
    assert [(event["kind"], event["parent"]) for event in events] == [("press", "")]
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("grapevine.code") == ""
    paper.await_shares(url, (1, "first", None), (1, "private", None))


def test_whoever_asks_for_privacy_has_no_code_in_the_address(browsing, paper):
    window = browsing.window()
    window.add_init_script(PRIVACY)
    page = open_page(window, url := paper.put("<grapevine-share addressbar></grapevine-share>"))

    assert page.url == url
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_what_no_machine_does_is_not_called_automated(people, paper):
    window = people.window()
    events = events_of(window)
    open_page(window, paper.put())

    assert [event["automated"] for event in events] == [False]


def test_the_next_day_is_another_visit(browsing, paper, shared):
    _, short = shared
    page = open_page(browsing.window(), short)
    visit = page.evaluate("grapevine.visit")
    page.reload()
    page.wait_for_function("self.grapevine")
    assert page.evaluate("grapevine.visit") == visit

    page.clock.install(time=datetime.now(UTC) + timedelta(days=1))
    page.reload()
    page.wait_for_function("self.grapevine")
    assert page.evaluate("grapevine.visit") != visit
