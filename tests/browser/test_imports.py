"""A table of links on its way through the admin, with JavaScript and without."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.axe import AXE, violations
from tests.browser.conftest import log_in
from tests.factories import make_site

NAME, SECRET = "petra", "grapes-from-the-hillside"
PERMISSIONS = ("add_link", "change_link", "view_link")


def write_importer() -> None:
    """Make a site, and somebody who may import links to it; runs in Django beside the stack."""
    site = make_site(name="The Hillside", key="hillside", hosts=["hillside.example"])
    user = User.objects.create_user(NAME, password=SECRET, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))
    site.members.add(user)


@pytest.fixture(scope="module")
def _importer(stack):
    stack.python("from tests.browser.test_imports import write_importer; write_importer()")


def table(name: str) -> bytes:
    rows = [f"https://hillside.example/{name}/{n};Käse {n};{name}-{n}" for n in range(30)]
    lines = ["Destination;Title;Slug", *rows, "https://elsewhere.example/;Away;"]
    return "\r\n".join(lines).encode("cp1252")


def choose(page: Page, stack, name: str) -> None:
    page.goto(f"{stack.base}/admin/imports/")
    file: FilePayload = {
        "name": f"{name}.csv",
        "mimeType": "text/csv",
        "buffer": table(name),
    }
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Look at it").click()


def is_for_everybody(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((more) => (more.open = true))")
    assert not AXE.exists() or violations(page) == []


@pytest.mark.usefixtures("_importer")
def test_the_page_follows_by_itself(browsing, stack):
    page = browsing.page()
    log_in(page, stack, NAME, SECRET)
    choose(page, stack, "plums")
    expect(page.get_by_role("heading", name="plums.csv")).to_be_visible()

    page.get_by_role("button", name="Make 30 links").click()
    expect(page.get_by_text("Done: 30 links were made.")).to_be_visible()
    expect(page.get_by_role("link", name="Käse 0")).to_be_visible()
    is_for_everybody(page)

    page.get_by_role("link", name="Error 1").click()
    expect(page.get_by_text("elsewhere.example is not a host of this site.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Report as CSV").click()
    assert download.value.path().read_text(encoding="utf-8").count("made") == 30

    page.get_by_text("Undo this import").click()
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("Undone: all of its links are switched off.")).to_be_visible()
    is_for_everybody(page)


@pytest.mark.usefixtures("_importer")
def test_without_javascript_it_is_reloaded(browsing, stack):
    page = browsing.page(javascript=False)
    log_in(page, stack, NAME, SECRET)
    choose(page, stack, "pears")
    make = page.get_by_role("button", name="Make 30 links")
    reload_until(page, make)
    make.click()
    reload_until(page, page.get_by_text("Done: 30 links were made."))


def reload_until(page: Page, wanted) -> None:
    for _ in range(60):
        if wanted.is_visible():
            return
        page.wait_for_timeout(250)
        page.reload()
    expect(wanted).to_be_visible()
