"""A press opens the app in the task of the click, whatever the server does meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM, PATIENCE_MS, PHONE
from tests.browser.paper import BAR, Paper, events_of, message_of, open_page, press_whatsapp
from tests.facts import PERSON

SHORT_LINK = re.compile(r"An article http://localhost:\d+/[A-Za-z0-9]{6,}")
FAR_BELOW = f'<div style="height: 4000px"></div>{BAR}'


@pytest.fixture(scope="module")
def strict(chromium: Browser) -> Iterator[Browser]:
    """A browser that blocks popups, as people's browsers do and those of tests do not."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        ignore_default_args=["--disable-popup-blocking"],
    )
    yield browser
    browser.close()


@pytest.fixture
def phone(strict: Browser) -> Iterator[BrowserContext]:
    window = strict.new_context(
        viewport=PHONE, user_agent=PERSON, has_touch=True, is_mobile=True, device_scale_factor=3
    )
    window.set_default_timeout(PATIENCE_MS)
    yield window
    window.close()


def answer_500(route: Route) -> None:
    route.fulfill(status=500, body="no", headers={"Access-Control-Allow-Origin": "*"})


def hold(route: Route) -> None:
    """Never answer."""


TROUBLES: dict[str, Callable[[Route], None]] = {
    "offer-at-hand": lambda route: route.continue_(),
    "offer-late": hold,
    "offer-fails": answer_500,
    "offer-refused": lambda route: route.abort(),
}


def tap(page: Page) -> str:
    return message_of(page, page.get_by_role("link", name="WhatsApp").tap)


def test_popups_are_blocked_here(phone, paper):
    page = phone.new_page()
    page.goto(paper.put(head="<script>document.isBlocked = !open('/popup')</script>"))

    assert page.evaluate("document.isBlocked")


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=list(TROUBLES))
def test_a_tap_opens_the_app_with_a_code_of_its_own(phone, paper, trouble):
    phone.route("**/offer?*", trouble)
    page = phone.new_page()
    page.goto(url := paper.put())

    messages = [tap(page), tap(page)]

    assert all(SHORT_LINK.fullmatch(message) for message in messages), messages
    assert messages[0] != messages[1]
    paper.await_shares(url, (1, "bar", None), (1, "bar", None))


def test_what_has_arrived_is_opened_without_asking_the_server(phone, paper):
    page = open_page(phone, paper.put())
    phone.route(f"{paper.stack.base}/**", lambda route: route.abort())

    assert SHORT_LINK.fullmatch(tap(page))


def test_without_any_server_the_page_itself_is_shared(phone, paper):
    url = paper.put(FAR_BELOW)
    page = phone.new_page()
    page.goto(f"{url}?utm_source=mail&fbclid=1&print#top")
    phone.route(f"{paper.stack.base}/**", lambda route: route.abort())
    button = page.get_by_role("link", name="WhatsApp")
    button.scroll_into_view_if_needed()
    expect(button).to_have_attribute("href", re.compile("^https://wa.me/"))

    assert tap(page) == f"An article {url}?print"


def test_a_server_that_comes_back_is_asked_again(phone, paper):
    page = phone.new_page()
    page.clock.install()
    phone.route(f"{paper.stack.base}/offer*", lambda route: route.abort())
    phone.route(f"{paper.stack.base}/robots.txt", lambda route: route.abort())
    page.goto(paper.put())
    button = page.get_by_role("link", name="WhatsApp")
    expect(button).to_have_attribute("href", re.compile("^https://wa.me/"))
    phone.unroute_all()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        button.dispatch_event("pointerover")
    page.clock.fast_forward(6000)
    assert asked == [], "within seconds"

    button.dispatch_event("pointerover")
    page.wait_for_function(
        "document.querySelector('grapevine-share').shadowRoot"
        ".querySelector('a').href.includes('localhost')"
    )
    assert SHORT_LINK.fullmatch(tap(page))


def test_the_keyboard_opens_the_app(browsing, paper):
    page = open_page(browsing.window(), url := paper.put())
    page.get_by_role("link", name="WhatsApp").focus()

    assert SHORT_LINK.fullmatch(message_of(page, lambda: page.keyboard.press("Enter")))
    paper.await_shares(url, (1, "bar", None))


def test_a_middle_click_is_a_press_too(browsing, paper):
    window = browsing.window()
    events = events_of(window)
    page = open_page(window, url := paper.put())
    button = page.get_by_role("link", name="WhatsApp")
    opened = button.get_attribute("href") or ""
    assert opened.startswith("https://wa.me/")

    with window.expect_page():
        button.click(button="middle")
    expect(button).not_to_have_attribute("href", opened)
    second = press_whatsapp(page)

    assert not opened.endswith(second.rpartition("/")[2])
    paper.await_shares(url, (1, "bar", None), (1, "bar", None))
    assert [event["kind"] for event in events] == ["visit", "press", "press"]


def test_the_right_button_presses_nothing(browsing, paper):
    window = browsing.window()
    events = events_of(window)
    page = open_page(window, paper.put())

    page.get_by_role("link", name="WhatsApp").click(button="right")
    press_whatsapp(page)

    assert [event["kind"] for event in events] == ["visit", "press"]


def test_a_press_through_the_server_opens_no_tab_for_what_is_no_page(phone, paper: Paper):
    phone.route("**/offer?*", hold)
    page = phone.new_page()
    page.goto(paper.put('<grapevine-share channels="whatsapp sms email"></grapevine-share>'))

    targets = {
        button.inner_text(): button.get_attribute("target")
        for button in page.get_by_role("group").get_by_role("link").all()
    }
    assert targets == {"WhatsApp": "_blank", "SMS": "", "Email": ""}
