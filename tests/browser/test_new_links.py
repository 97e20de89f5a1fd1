"""A marketer pastes a list, looks at its draft, and makes all links of it at once."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Page, expect

from tests.browser.axe import AXE, violations
from tests.browser.conftest import log_in
from tests.browser.test_access import assert_fits
from tests.factories import make_link, make_site
from tests.facts import PERSON

NAME, SECRET = "nadia", "plums-behind-the-mill"
PERMISSIONS = ("add_link", "change_link", "view_link")
LIST = "\n".join(f"https://plums.example/stories/{n}-plums-are-late" for n in range(10))


def write_marketer() -> None:
    """Make a site with a link, and a member who may make more; runs beside the stack."""
    site = make_site(name="The Plums", key="plums", hosts=["plums.example"])
    make_link(site=site, title="Known", destination="https://plums.example/known")
    user = User.objects.create_user(NAME, password=SECRET, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))
    site.members.add(user)
    sys.stdout.write("done")


@pytest.fixture(scope="module")
def marketer(stack):
    return stack.python(f"from {__name__} import write_marketer; write_marketer()")


def open_page(stack, window) -> Page:
    page: Page = window.new_page()
    log_in(page, stack, NAME, SECRET)
    page.goto(f"{stack.base}/admin/new-links/")
    return page


def addresses(page: Page):
    return page.get_by_role("textbox", name="Addresses")


def check(page: Page) -> None:
    """Expect that nobody is shut out, light or dark."""
    assert_fits(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("Promise.all(document.getAnimations().map(({finished}) => finished))")
        if AXE.exists():
            found = violations(page)
            assert not found, "\n".join(found)


def test_ten_lines_are_pasted_and_ten_links_made(marketer, stack, browsing):
    window = browsing.window()
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_page(stack, window)
    addresses(page).fill(f"{LIST}\nhttps://plums.example/known?utm_source=x\nplums.example")

    expect(page.get_by_text("Will be made: 10", exact=True)).to_be_visible()
    expect(page.get_by_text("Exists already: 1", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Known")).to_be_visible()
    page.get_by_role("textbox", name="Tags").fill("utm_source={channel}")
    expect(page.get_by_text("plums-are-late?utm_source=link").first).to_be_visible()
    check(page)

    page.get_by_role("button", name="Make 10 links").click()
    expect(page.get_by_role("heading", name="10 links made")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Copy all").click()
    expect(page.get_by_role("status").first).to_have_text("Copied")
    lines = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert len(lines) == 10
    title, short = lines[3].split("\t")
    assert title == "3 plums are late"
    answer = stack.get(urlsplit(short).path, User_Agent=PERSON)
    assert (answer.status, answer.headers["location"]) == (
        302,
        "https://plums.example/stories/3-plums-are-late?utm_source=link",
    )


def test_it_works_without_javascript(marketer, stack, browsing):
    page = open_page(stack, browsing.window(javascript=False))
    addresses(page).fill("https://plums.example/by-hand, By hand")
    page.get_by_role("button", name="Show the draft").click()
    expect(page.get_by_text("Will be made: 1", exact=True)).to_be_visible()
    page.get_by_role("button", name="Make 1 link").click()

    expect(page.get_by_role("heading", name="1 link made")).to_be_visible()
    expect(page.get_by_role("link", name="By hand")).to_be_visible()
