"""No page shuts anybody out, as far as a program can tell: axe-core looks at each of them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import AXE, violations
from tests.browser.conftest import PHONE, Browsing, log_in, password, settle
from tests.browser.test_access import TOO_WIDE
from tests.facts import PERSON, WHATSAPP

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: bin/install-js")

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
LOOKS = {
    "light on a phone": ({"color_scheme": "light"}, PHONE),
    "dark on a desktop": ({"color_scheme": "dark"}, DESKTOP),
    "forced colours on a phone": ({"forced_colors": "active"}, PHONE),
}
"""Colours do not depend on the size, nor what a page is made of on the colours: so not each with
each."""
DJANGOS_OWN = (
    # The page has no heading but the name of the site, which Django writes into a div.
    r"/admin/login/: page-has-heading-one ",
    # The field for searching lists has a magnifier for a label, and a title for everyone else.
    r"/admin/\S*: label-title-only .* at #searchbar:",
    # Select2, which Django brings, does not pass the label of a field on to what it shows.
    r"/admin/\S*: aria-input-field-name .* at \S*select2-",
    # The label of a date with a time is not tied to the two fields that it stands for.
    r"/admin/\S*: label .* at #id_\w+_[01]:",
)
"""What only another template or script of Django's could mend: page, rule, element."""

OUTCASTS = """
() => {
  const faint = document.createElement("p")
  faint.textContent = "Faint"
  faint.style.color = "#777"
  faint.style.backgroundColor = "#666"
  const root = document.createElement("div").attachShadow({mode: "open"})
  root.append(document.createElement("button"))
  document.querySelector("main").append(faint, new Image(), root.host)
}
"""


@pytest.fixture(params=LOOKS.values(), ids=list(LOOKS))
def page(request, browsing):
    """The page of somebody who wants pages to look like this."""
    looks, size = request.param
    page = browsing.page()
    page.set_viewport_size(size)
    page.emulate_media(**looks)
    return page


@pytest.fixture(scope="module")
def code(stack):
    """The code of the demo's link, which has been shared, previewed and opened."""
    [code] = {*re.findall(r"link=(\w+)", stack.get("/demo/").body.decode())}
    for channel in ("whatsapp", "signal"):
        stack.get(f"/share/{channel}?link={code}", User_Agent=PERSON)
    stack.get(f"/{code}", User_Agent=WHATSAPP)
    settle(stack)
    return code


@pytest.fixture(scope="module")
def session(stack, chromium):
    """The cookies of the administrator, who need not log in for every page."""
    browsing = Browsing(chromium)
    page = browsing.page()
    log_in(page, stack, "admin", password(stack))
    cookies = page.context.cookies()
    browsing.close()
    return cookies


def check(page: Page, address: str) -> list[str]:
    """Open the page and return what is wrong with all that can be unfolded on it."""
    page.goto(address)
    expect(page.locator(":not(:defined)"), "elements without their script").to_have_count(0)
    expect(page.locator("[aria-busy=true]"), "parts that do not come").to_have_count(0)
    page.evaluate("document.querySelectorAll('details').forEach((more) => (more.open = true))")
    wrong = violations(page) + [f"too wide: {element}" for element in page.evaluate(TOO_WIDE)]
    found = [f"{urlsplit(address).path}: {violation}" for violation in wrong]
    return [line for line in found if not any(re.match(known, line) for known in DJANGOS_OWN)]


def links_below(page: Page, address: str) -> set[str]:
    """Return the addresses below this one that the page leads to."""
    links = page.locator("a[href]").evaluate_all("links => links.map(({href}) => href)")
    bare = {urlsplit(link)._replace(query="", fragment="").geturl() for link in links}
    return {link for link in bare if link.startswith(address)}


def test_every_page_of_the_demo_is_for_everybody(page, stack):
    demo = f"{stack.base}/demo/"
    waiting, known, found = [demo], {demo}, list[str]()

    while waiting:
        found += check(page, waiting.pop())
        new = links_below(page, demo) - known
        waiting += new
        known |= new

    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("path", ["/nothing-here", "/share/signal?link={code}", "/admin/login/"])
def test_a_page_is_for_everybody(page, stack, code, path):
    found = check(page, stack.base + path.format(code=code))

    assert not found, "\n".join(found)


@pytest.mark.usefixtures("code")
def test_every_page_that_the_admin_leads_to_is_for_everybody(page, stack, session):
    page.context.add_cookies(session)
    page.goto(f"{stack.base}/admin/")
    ways = page.locator("#navigation a").evaluate_all("ways => ways.map(({href}) => href)")

    found = [line for way in ways for line in check(page, way)]

    assert len(ways) > len(LOOKS)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "path",
    [
        "reports/links/1/",
        "shortener/link/1/change/",
        "shortener/link/1/labels/",
        "shortener/link/1/preview/",
        "reports/links/1/tree/",
        "alerts/mine/",
        "schedules/new/",
        "shortener/site/1/change/",
    ],
)
@pytest.mark.usefixtures("code")
def test_a_page_of_the_admin_is_for_everybody(page, stack, session, path):
    page.context.add_cookies(session)

    found = check(page, f"{stack.base}/admin/{path}")

    assert not found, "\n".join(found)


def test_what_shuts_somebody_out_is_found_even_in_a_shadow(stack, browsing):
    page = browsing.page()
    page.goto(f"{stack.base}/nothing-here")
    assert violations(page) == []

    page.evaluate(OUTCASTS)

    found = violations(page)
    assert [line.split()[0] for line in found] == ["button-name", "color-contrast", "image-alt"]
    assert " at div button: " in found[0]
