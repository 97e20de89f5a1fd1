"""The live strip of the overview follows what happens, until it is told to pause."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in, password, settle
from tests.end_to_end.processes import wait_until
from tests.facts import PERSON


@pytest.fixture
def code(stack):
    [code] = {*re.findall(r"link=(\w+)", stack.get("/demo/").body.decode())}
    return code


@pytest.fixture
def page(stack, browsing):
    page = browsing.page()
    log_in(page, stack, "admin", password(stack))
    page.clock.install()
    page.goto(f"{stack.base}/admin/?site=demo")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return page


def clicks_of(strip):
    return int(strip.locator(".is-clicks .live-total").inner_text())


def test_it_follows_without_a_reload_and_can_be_paused(stack, page, code):
    strip = page.locator("[data-live-strip]")
    stack.get(f"/{code}", User_Agent=PERSON)
    settle(stack)
    page.clock.run_for(6_000)
    expect(strip.locator(".is-clicks .live-total")).to_be_visible()
    before = clicks_of(strip)

    # What is unfolded stays so.
    strip.locator("summary").click()
    settle(stack)  # By one more click.
    page.clock.run_for(6_000)
    # What other tests have opened may be counted between the two looks.
    wait_until(lambda: clicks_of(strip) > before, what="the click in the strip")
    expect(strip.locator("details")).to_have_attribute("open", "")

    pause = strip.get_by_role("button", name="Pause")
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)
    assert not asked

    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "false")
    page.clock.run_for(6_000)
    assert asked


def test_it_stops_where_the_session_has_ended(page):
    page.context.clear_cookies()
    page.clock.run_for(6_000)
    expect(page.get_by_text("Stopped. Load the page again to go on.")).to_be_visible()


def test_without_javascript_there_is_a_way_to_it(stack, browsing):
    browsing.forgive("favicon.ico")  # A part by itself names no icon.
    with_script = browsing.page()
    log_in(with_script, stack, "admin", password(stack))
    window = browsing.window(javascript=False)
    window.add_cookies(with_script.context.cookies())
    page = window.new_page()
    page.goto(f"{stack.base}/admin/?site=demo")
    page.locator('[data-part*="/parts/live/"] a').click()
    expect(
        page.get_by_role("heading", name="The last 30 minutes of Demo magazine")
    ).to_be_visible()
