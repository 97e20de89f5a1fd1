"""The admin as a marketer uses it: make a link, copy it, and hear clearly what is wrong."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.factories import make_site

NAME, SECRET = "marie", "plums-from-the-orchard"
PERMISSIONS = ("add_link", "change_link", "view_link", "view_site", "view_campaign")


def write_marketer() -> None:
    """Make a site, and somebody who may make links to it; runs in Django beside the stack."""
    site = make_site(name="The Valley News", key="valley", hosts=["valley.example"])
    user = User.objects.create_user(NAME, password=SECRET, is_staff=True)
    site.members.add(user)
    user.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))


@pytest.fixture(scope="module")
def _marketer(stack):
    stack.python("from tests.browser.test_marketer import write_marketer; write_marketer()")


@pytest.fixture
def page(_marketer, stack, browsing):
    """The form of a new link, before the eyes of a marketer."""
    window = browsing.window()
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = window.new_page()
    log_in(page, stack, NAME, SECRET)
    page.goto(f"{stack.base}/admin/shortener/link/add/")
    return page


def save_link(page: Page, *, destination: str, tags: str = "") -> None:
    page.get_by_label("Site:").select_option(label="The Valley News")
    page.get_by_label("Title:").fill("Plums are late this year")
    page.get_by_label("Destination:").fill(destination)
    page.get_by_label("Tags:").fill(tags)
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_marketer_makes_a_link_and_copies_it(page, stack):
    save_link(
        page,
        destination="https://valley.example/plums?season=2026#prices",
        tags="utm_source={channel}\nutm_campaign=plums",
    )

    link = page.get_by_label("Short link", exact=True).last.input_value()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("status").first).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == link
    assert link.startswith(f"{stack.base}/")
    answer = stack.get(urlsplit(link).path)
    landed = urlsplit(answer.headers["location"])
    assert answer.status == 302
    assert landed._replace(query="").geturl() == "https://valley.example/plums#prices"
    assert parse_qs(landed.query) == {
        "season": ["2026"],
        "utm_source": ["link"],
        "utm_campaign": ["plums"],
    }


def test_a_new_link_comes_with_what_it_takes_to_spread_it(page, stack):
    save_link(page, destination="https://valley.example/plums", tags="utm_source={channel}")

    link = page.get_by_label("Short link", exact=True).last.input_value()
    expect(page.get_by_role("img", name=f"QR code of {link}")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="PNG, 5 cm").click()
    assert downloading.value.path().read_bytes().startswith(b"\x89PNG")
    page.get_by_text("Where each channel leads").click()
    expect(page.get_by_role("definition").first).to_have_text(
        "https://valley.example/plums?utm_source=link"
    )
    page.get_by_text("Share buttons for your pages").click()
    snippet = page.get_by_text('rel="nofollow">WhatsApp</a>').inner_text()
    assert f"{stack.base}/share/whatsapp?link={urlsplit(link).path[1:]}" in snippet


@pytest.mark.parametrize(
    ("destination", "sentence"),
    [
        (
            "https://elsewhere.example/",
            "elsewhere.example is not a host of this site. Its hosts are: valley.example.",
        ),
        ("javascript:alert(1)", "The address must start with https:// or http://."),
        ("valley.example/plums", "The address must start with https:// or http://."),
        ("https://marie:plum@valley.example/", "The address holds a user name or password"),
    ],
)
def test_a_bad_destination_is_refused_in_words(page, destination, sentence):
    save_link(page, destination=destination)

    expect(page.get_by_text("Please correct the error below.")).to_be_visible()
    field = page.get_by_label("Destination:")
    expect(field).to_have_value(destination)
    expect(field).to_have_attribute("aria-invalid", "true")
    described = field.get_attribute("aria-describedby").split()[0]
    expect(page.locator(f"#{described}")).to_contain_text(sentence)


def test_bad_tags_are_refused_in_words(page):
    save_link(page, destination="https://valley.example/", tags="utm_source=Big News")

    expect(page.get_by_text("“Big News” in “utm_source” holds a blank")).to_be_visible()
