"""A marketer shares a link herself, under labels, and decides how messengers show it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Page, expect

from tests.browser.axe import AXE, violations
from tests.browser.conftest import log_in, settle
from tests.browser.test_access import assert_fits
from tests.end_to_end.processes import wait_until
from tests.factories import make_link, make_site
from tests.facts import PERSON, WHATSAPP
from tests.shortener.images import image, saved

NAME, SECRET = "fatima", "figs-under-the-old-wall"
PERMISSIONS = ("change_link", "view_link", "view_dailycontent")


def write_marketer() -> None:
    """Make a site with a link, and a member who may change it; runs beside the stack."""
    site = make_site(name="The Figs", key="figs", hosts=["figs.example"])
    link = make_link(site=site, title="Figs are early", destination="https://figs.example/early")
    user = User.objects.create_user(NAME, password=SECRET, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))
    site.members.add(user)
    sys.stdout.write(f"{link.pk}")


@pytest.fixture(scope="module")
def link(stack):
    made = stack.python(f"from {__name__} import write_marketer; write_marketer()")
    return int(made)


@pytest.fixture
def page(link, stack, browsing):
    window = browsing.window()
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = window.new_page()
    log_in(page, stack, NAME, SECRET)
    page.goto(f"{stack.base}/admin/shortener/link/{link}/labels/")
    return page


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "figs.png"
    file.write_bytes(saved(image(colour=(90, 40, 120))))
    return file


def row(page: Page, label: str):
    return page.get_by_role("row").filter(has_text=label)


def check(page: Page) -> None:
    """Expect that nobody is shut out, light or dark, on a phone or a desk."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()
        if AXE.exists():
            page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
            found = violations(page)
            assert not found, "\n".join(found)


def test_labels_are_pasted_copied_and_read(page, stack):
    page.get_by_role("textbox", name="Labels", exact=True).fill(
        "Garden club\nLetter 7, Email\nMarket stall, QR code"
    )
    page.get_by_role("combobox", name="Channel").select_option(label="WhatsApp")
    page.get_by_role("button", name="Make them").click()

    expect(page.get_by_text("3 labelled shares made.")).to_be_visible()
    page.get_by_role("button", name="Copy all").click()
    expect(page.get_by_role("status").first).to_have_text("Copied")
    lines = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert [line.split("\t")[0] for line in lines] == ["Garden club", "Letter 7", "Market stall"]
    path = urlsplit(lines[0].split("\t")[1]).path

    stack.get(path, User_Agent=WHATSAPP)
    for _ in range(3):
        assert stack.get(path, User_Agent=PERSON).status == 302
    settle(stack)
    page.get_by_role("link", name="All labels of this link").click()
    cells = row(page, "Garden club").get_by_role("cell")
    expect(cells.nth(1)).to_have_text("1")
    expect(cells.nth(2)).to_have_text("3")
    expect(row(page, "Letter 7").get_by_text("not observable")).to_be_attached()

    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("link", name="Clicks").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Garden club")
    check(page)


def test_a_label_is_renamed_archived_and_has_a_code_to_print(page):
    page.get_by_role("textbox", name="Labels", exact=True).fill("Harbour wall, QR code")
    page.get_by_role("button", name="Make them").click()
    wall = row(page, "Harbour wall")
    wall.get_by_text("QR code, app, rename").click()
    with page.expect_download() as downloading:
        wall.get_by_role("link", name="PNG").click()
    assert downloading.value.suggested_filename == "harbour-wall.png"
    assert downloading.value.path().read_bytes().startswith(b"\x89PNG")

    wall.get_by_label("New label").fill("Harbour gate")
    wall.get_by_role("button", name="Rename").click()
    gate = row(page, "Harbour gate")
    gate.get_by_text("QR code, app, rename").click()
    gate.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("“Harbour gate” is in the archive.")).to_be_visible()
    page.goto(page.url.partition("?")[0] + "?archived=1")
    expect(row(page, "Harbour gate")).to_be_visible()


def test_a_bad_list_is_refused_in_words(page):
    page.get_by_role("textbox", name="Labels", exact=True).fill("fine\n" + "x" * 120)
    page.get_by_role("button", name="Make them").click()

    expect(page.get_by_text("Line 2: Ensure this value has at most 100")).to_be_visible()
    expect(page.get_by_role("textbox", name="Labels", exact=True)).to_have_value(
        "fine\n" + "x" * 120
    )


def test_pictures_follow_what_is_typed_and_messengers_get_it(page, stack, photo):
    page.get_by_role("link", name="Own preview").click()
    whatsapp = page.get_by_role("figure").filter(has_text="WhatsApp")
    expect(whatsapp.get_by_text("Figs are early")).to_be_visible()
    expect(whatsapp.get_by_text("figs.example", exact=True)).to_be_visible()

    page.get_by_label("Title").fill("Figs! " * 20)
    page.get_by_label("Description").fill("Three weeks ahead of the plums.")
    page.get_by_label("Picture", exact=True).set_input_files(photo)
    shown = whatsapp.locator(".bubble-title")
    expect(shown).to_have_text(("Figs! " * 20)[:80] + "…")
    expect(whatsapp.get_by_text("Three weeks ahead of the plums.")).to_be_visible()
    expect(whatsapp.get_by_text("localhost", exact=True)).to_be_visible()
    expect(whatsapp.locator("img")).to_have_attribute("src", re.compile("^data:image/png"))
    expect(page.locator(".is-imessage").get_by_text("Three weeks")).to_have_count(0)

    page.get_by_label("Title").fill("Figs, at last")
    page.get_by_role("button", name="Save the preview").click()
    expect(page.get_by_text("The preview was saved.")).to_be_visible()
    expect(whatsapp.locator("img")).to_have_js_property("naturalWidth", 1200)
    path = urlsplit(whatsapp.locator(".bubble-url").inner_text()).path

    def fetched() -> bytes:
        body: bytes = stack.get(path, User_Agent=WHATSAPP).body
        return body

    wait_until(lambda: b'content="Figs, at last"' in fetched())
    assert stack.get(path, User_Agent=PERSON).status == 302

    page.get_by_role("radio", name="Dark").check()
    expect(whatsapp.locator(".phone-screen")).to_have_css("color-scheme", "dark")
    assert_fits(page)
    check(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    check(page)

    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The own preview was removed")).to_be_visible()
    wait_until(lambda: stack.get(path, User_Agent=WHATSAPP).status == 302)


def test_a_bad_picture_is_refused_in_words(page, tmp_path):
    page.get_by_role("link", name="Own preview").click()
    small = tmp_path / "small.png"
    small.write_bytes(saved(image(size=(100, 100))))
    page.get_by_label("Picture", exact=True).set_input_files(small)
    page.get_by_role("button", name="Save the preview").click()

    expect(page.get_by_text("The picture is too small: it has 100 × 100 pixels")).to_be_visible()
    field = page.get_by_label("Picture", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
