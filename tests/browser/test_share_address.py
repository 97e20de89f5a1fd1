"""Codes in the address bar, so that copying the address is a share like any other."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from shortener.channels import BY_NAME
from shortener.editions import ENGLISH
from tests.browser.conftest import settle
from tests.browser.paper import BAR, events_of, open_page, press_whatsapp

WHATSAPP = BY_NAME["whatsapp"].number
ADDRESSBAR = BY_NAME["addressbar"].number
BAR_WITH_ADDRESS = '<grapevine-share addressbar placement="bar"></grapevine-share>'
OWN_CODE = re.compile(r"\?gv=\w+(\.\w+)?$")


def with_own_code(page: Page) -> str:
    """Return the page's address, once this visitor's own code is in it."""
    expect(page).to_have_url(OWN_CODE)
    return page.url


def test_a_copied_address_is_a_share_once_somebody_opens_it(people, paper):
    url = paper.put(BAR_WITH_ADDRESS)
    window = people.window()
    events = events_of(window)
    first = with_own_code(open_page(people.window(), url))
    page = open_page(window, first)

    paper.await_shares(url, (ADDRESSBAR, "", None))
    assert with_own_code(page).count("gv=") == 1
    assert page.url != first
    [visit] = events
    assert visit["code"] == first.rpartition("=")[2]


def test_a_copied_address_has_the_parent_of_whoever_copied_it(people, paper):
    url = paper.put(BAR_WITH_ADDRESS)
    link = press_whatsapp(open_page(people.window(), url), placement="first")
    page = open_page(people.window(), link)
    expect(page).to_have_url(re.compile(r"\?gv=\w+\.\w+$"))
    third = open_page(people.window(), page.url)
    press_whatsapp(third, placement="third")

    paper.await_shares(
        url, (WHATSAPP, "first", None), (ADDRESSBAR, "", "first"), (WHATSAPP, "third", "")
    )


def reloaded(page: Page) -> Page:
    page.reload()
    return page


def in_a_second_tab(page: Page) -> Page:
    return open_page(page.context, page.url)


def bookmarked(page: Page) -> Page:
    url = page.url
    page.goto("about:blank")
    page.goto(url)
    return page


@pytest.mark.parametrize("open_again", [reloaded, in_a_second_tab, bookmarked])
def test_whoever_opens_their_own_address_has_shared_nothing(people, paper, open_again):
    url = paper.put(BAR_WITH_ADDRESS)
    page = open_page(people.window(), url)
    own = with_own_code(page)
    page = open_again(page)
    assert with_own_code(page) != own
    press_whatsapp(page, placement="own")
    settle(paper.stack)

    assert paper.shares(url) == [(WHATSAPP, "own", None)]


def test_an_address_that_nobody_opens_is_no_share(people, paper):
    url = paper.put(BAR_WITH_ADDRESS)
    with_own_code(open_page(people.window(), url))
    settle(paper.stack)

    assert paper.shares(url) == []


def test_the_demo_puts_codes_into_addresses(people, stack):
    page = people.page()
    [beans] = (article for article in ENGLISH.articles if article.name == "beans")
    page.goto(stack.base + ENGLISH.path_of(beans))

    expect(page).to_have_url(OWN_CODE)


def test_the_rest_of_an_address_is_kept_to_the_letter(people, paper):
    page = open_page(
        people.window(), f"{paper.put(BAR_WITH_ADDRESS)}?print&q=a%20b~&x=&r=/y?z#top"
    )

    expect(page).to_have_url(re.compile(r"\?print&q=a%20b~&x=&r=/y\?z&gv=\w+#top$"))


def test_where_nothing_can_be_remembered_addresses_stay_as_they_are(people, paper):
    window = people.window()
    window.add_init_script("delete Window.prototype.localStorage; delete self.localStorage")
    page = open_page(window, url := paper.put(BAR_WITH_ADDRESS))

    assert page.url == url


def test_without_the_attribute_addresses_stay_as_they_are(people, paper):
    page = open_page(people.window(), url := paper.put(BAR))

    assert page.url == url
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
