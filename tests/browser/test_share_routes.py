"""Single-page apps: what is shared is the page that is shown now."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.paper import BAR, message_of, open_page, press_whatsapp
from tests.browser.test_share_element import BARS, offers_of, push
from tests.end_to_end.processes import wait_until

WITHOUT_NAVIGATION = "delete self.navigation; delete Window.prototype.navigation"
CANONICAL = '<link rel="canonical" href="{}">'


@pytest.mark.parametrize("spoil", ["", WITHOUT_NAVIGATION], ids=["navigation", "without"])
@pytest.mark.parametrize("canonical", ["none", "updated", "stale"])
def test_after_a_change_of_route_the_new_page_is_shared(browsing, paper, spoil, canonical):
    window = browsing.window()
    window.add_init_script(spoil)
    first, second = f"{paper.base}/{canonical}-{len(spoil)}", paper.put()
    head = "" if canonical == "none" else CANONICAL.format(first)
    paper.put(head=head, path=urlsplit(first).path)
    page = open_page(window, first)
    press_whatsapp(page, placement="before")
    push(page, second)
    if canonical == "updated":
        page.evaluate("url => document.querySelector('[rel=canonical]').href = url", second)
    press_whatsapp(page, placement="after")

    paper.await_shares(first, (1, "before", None))
    paper.await_shares(second, (1, "after", None))


def test_codes_for_the_new_page_are_asked_for_before_anybody_presses(browsing, paper):
    page = browsing.page()
    asked = offers_of(page)
    page.goto(paper.put())
    page.wait_for_function(BARS)
    push(page, second := paper.put())

    wait_until(lambda: page.evaluate(BARS) and asked[-1]["url"] == second, what="an offer")


def test_a_key_pressed_after_a_change_of_route_shares_the_new_page(browsing, paper):
    window = browsing.window()
    window.add_init_script(WITHOUT_NAVIGATION)
    page = open_page(window, paper.put())
    page.get_by_role("link", name="WhatsApp").focus()
    push(page, second := paper.put())
    message_of(page, lambda: page.keyboard.press("Enter"))

    paper.await_shares(second, (1, "bar", None))


def test_a_change_of_route_and_back_shares_the_first_page_again(browsing, paper):
    path = "/there-and-back"
    first = paper.put(head=CANONICAL.format(paper.base + path), path=path)
    page = open_page(browsing.window(), f"{first}?from=menu")
    push(page, f"{path}-elsewhere")
    page.go_back()
    press_whatsapp(page)

    paper.await_shares(first, (1, "bar", None))


def test_a_jump_within_the_page_asks_for_nothing(browsing, paper):
    page = browsing.page()
    asked = offers_of(page)
    page.goto(paper.put(f'{BAR}<a href="#end">End</a><p id="end">The end</p>'))
    page.wait_for_function(BARS)
    page.get_by_role("link", name="End").click()
    press_whatsapp(page)
    wait_until(lambda: page.evaluate(BARS) and len(asked) == 2, what="codes after the press")

    assert "#" not in asked[1]["url"]
