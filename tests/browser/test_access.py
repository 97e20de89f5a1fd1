"""Pages for every hand and eye: keyboard, thumb, small screen."""

from __future__ import annotations

import json
import sys

import pytest
from playwright.sync_api import Locator, Page, expect

from shortener.channels import BY_NAME, DEFAULT_BUTTONS
from shortener.models import Site
from tests.browser.conftest import PHONE, log_in, password
from tests.factories import make_link
from tests.facts import PERSON, WHATSAPP

LABELS = [BY_NAME[name].label for name in DEFAULT_BUTTONS if name not in {"sms", "native"}]
"""Of the buttons that make sense where nothing is touched, and where there is no sheet."""
THUMB = 44
TABS = 60
"""More than it takes on any page from its top to its last button."""

FOCUSED = """
() => {
  const active = (root) => root.activeElement
  const element = active(active(document)?.shadowRoot ?? document)
  const {outlineStyle, outlineWidth, outlineColor} = getComputedStyle(element)
  const transparent = /^rgba\\(.*, 0\\)$/.test(outlineColor)
  return {
    label: element.textContent.trim(),
    isVisible:
      element.matches(":focus-visible") &&
      outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && !transparent,
  }
}
"""
TOO_WIDE = """
() => {
  const cut = (element) =>
    element && (getComputedStyle(element).overflowX !== "visible" || cut(element.parentElement))
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.checkVisibility())
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .filter((element) => !cut(element.parentElement))
    .map((element) => element.outerHTML.slice(0, 100))
}
"""


def write_links() -> None:
    """Make a link of long words and an ended one, write them; runs beside the stack."""
    site = Site.objects.get(key="demo")
    live = make_link(
        site=site,
        title="Unabhängigkeitserklärungszeremonienmeisterschaften, und wer davon erzählt hat",
        destination="https://localhost/demo/" + "a-long-part-of-an-address-" * 8,
    )
    ended = make_link(site=site, title="Ended", destination=live.destination, active=False)
    json.dump({"live": live.code, "ended": ended.code, "id": live.pk}, sys.stdout)


@pytest.fixture(scope="module")
def links(stack):
    """Return a link with some facts, and an ended one."""
    written = stack.python("from tests.browser.test_access import write_links; write_links()")
    links = json.loads(written)
    for channel in DEFAULT_BUTTONS:
        stack.get(f"/share/{channel}?link={links['live']}", User_Agent=PERSON)
    for agent in (PERSON, WHATSAPP):
        stack.get(f"/{links['live']}", User_Agent=agent)
    return links


def share_buttons(page: Page, stack) -> list[Locator]:
    page.goto(f"{stack.base}/demo/")
    bars = page.get_by_role("group", name="Share")
    expect(bars).to_have_count(2)
    return bars.get_by_role("link").all()


def test_every_share_button_has_a_name_and_room_for_a_thumb(stack, browsing):
    buttons = share_buttons(browsing.page(), stack)

    assert len(buttons) == 2 * len(LABELS)
    for button, label in zip(buttons, LABELS * 2, strict=True):
        expect(button).to_have_accessible_name(label)
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= THUMB, label


def test_the_keyboard_reaches_every_share_button_visibly(stack, browsing):
    page = browsing.page()
    waiting = [button.inner_text() for button in share_buttons(page, stack)]
    assert waiting == LABELS * 2

    for _ in range(TABS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["label"] == waiting[0]:
            assert focused["isVisible"], waiting[0]
            del waiting[0]
        if not waiting:
            break

    assert waiting == []


def test_the_keyboard_copies_the_link(stack, browsing, links):
    window = browsing.window()
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = window.new_page()
    page.goto(f"{stack.base}/share/signal?link={links['live']}")
    expect(page.get_by_role("button", name="Copy")).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_label("Your link")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["isVisible"]
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("Copied")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/demo/", 200),
        ("/share/signal?link={live}", 200),
        ("/share/qr?link={live}", 200),
        ("/nothing-here", 404),
        ("/nothing/here", 404),
        ("/{ended}", 410),
        ("/admin/login/", 200),
    ],
)
def test_a_page_fits_a_phone_and_names_itself(stack, browsing, links, path, status):
    page = browsing.page()

    answer = page.goto(stack.base + path.format(**links))

    assert answer.status == status
    assert_fits(page)
    assert page.title()
    expect(page.get_by_role("main")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "reports/content/",
        "analytics/hit/",
        "shortener/link/",
        "shortener/link/add/",
        "shortener/link/{id}/change/",
        "shortener/site/1/change/",
    ],
)
def test_a_page_of_the_admin_fits_a_phone(stack, browsing, links, path):
    page = browsing.page()
    log_in(page, stack, "admin", password(stack))

    answer = page.goto(f"{stack.base}/admin/{path.format(**links)}")

    assert answer.status == 200
    assert_fits(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def assert_fits(page: Page) -> None:
    """Assert that nobody has to move the page sideways, and that nothing is cut off."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert (width, page.evaluate(TOO_WIDE)) == (PHONE["width"], [])
