"""A link's page and the tree of its shares, looked at and walked through."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from analytics import cascades
from analytics.models import Outcome
from shortener import codes
from shortener.channels import BY_NAME
from shortener.models import Site
from tests.browser.axe import AXE, violations
from tests.browser.conftest import PHONE, Browsing, log_in, password, settle
from tests.factories import make_link
from tests.facts import PERSON

SHARES = 5_000
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
CHANNELS = ("whatsapp", "telegram", "copy", "email")


def parents_of(shape: str) -> list[int]:
    """Return the parents of thousands of shares: one after the other, at once, or by chance."""
    if shape == "chain":
        return list(range(-1, SHARES - 1))
    if shape == "star":
        return [-1] + [0] * (SHARES - 1)
    random = Random(5)
    return [-1, *(random.randrange(max(0, share // 3), share) for share in range(1, SHARES))]


def write_trees() -> None:
    """Write links with large trees, and one with several; runs in Django beside the stack."""
    site = Site.objects.get(key="demo")
    serials = iter(range(5_000_000, 6_000_000))
    for shape in ("chain", "star", "bush"):
        write(
            make_link(site=site, title=f"A {shape}", slug=f"tree-{shape}"),
            [parents_of(shape)],
            serials,
        )
    several = [[-1, *([0] * size)] for size in (30, 20, 10)]
    write(make_link(site=site, title="Several trees", slug="tree-several"), several, serials)


def write(link, trees, serials) -> None:
    now = timezone.now() - timedelta(days=3)
    roots = []
    for parents in trees:
        numbers = [
            BY_NAME[CHANNELS[share % len(CHANNELS)]].number for share in range(len(parents))
        ]
        shares = [codes.share_id(next(serials), number) for number in numbers]
        generations = [0] * len(parents)
        children = [0] * len(parents)
        for share, parent in enumerate(parents):
            if parent >= 0:
                generations[share] = generations[parent] + 1
                children[parent] += 1
        roots.append(shares[0])
        Outcome.objects.bulk_create(
            (
                Outcome(
                    share_id=shares[share],
                    link=link,
                    channel=numbers[share],
                    start=now + timedelta(minutes=generations[share]),
                    day=now.date(),
                    placement="",
                    observed=0,
                    seen=0,
                    pressed=True,
                    clicks=share % 7,
                    visits=0,
                    conversions=0,
                    parent=shares[parent] if parent >= 0 else None,
                    root=shares[0],
                    generation=generations[share],
                    children=children[share],
                    prompt_children=0,
                )
                for share, parent in enumerate(parents)
            ),
            batch_size=500,
        )
    cascades.rewrite(roots)


@pytest.fixture(scope="module")
def _trees(stack):
    stack.python("from tests.browser.test_link_page import write_trees; write_trees()")


@pytest.fixture(scope="module")
def session(stack, chromium):
    browsing = Browsing(chromium)
    page = browsing.page()
    log_in(page, stack, "admin", password(stack))
    cookies = page.context.cookies()
    browsing.close()
    return cookies


@pytest.fixture
def page(_trees, session, browsing):
    page = browsing.page()
    page.set_viewport_size(DESKTOP)
    page.context.add_cookies(session)
    return page


def open_tree(page: Page, stack, slug: str) -> None:
    """Find the link in the list, and go to its tree as a marketer would."""
    page.goto(f"{stack.base}/admin/shortener/link/?q={slug}")
    page.get_by_role("link", name="Numbers of").click()
    page.get_by_role("link", name="Tree of shares").click()


def picture(page: Page):
    return page.get_by_role("img", name="The tree of the shares")


@pytest.mark.parametrize("shape", ["chain", "star", "bush"])
def test_a_tree_of_thousands_is_drawn(page, stack, shape):
    open_tree(page, stack, f"tree-{shape}")

    expect(picture(page)).to_have_attribute("data-drawn", str(SHARES))
    # Something is to be seen: the ground has one colour, the shares have others.
    colours = (
        picture(page)
        .locator("canvas")
        .first.evaluate(
            """(canvas) => {
          const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
          return new Set(new Uint32Array(data.buffer)).size
        }"""
        )
    )
    assert colours > 20


def test_keys_and_buttons_bring_it_closer(page, stack):
    open_tree(page, stack, "tree-several")
    expect(picture(page)).to_have_attribute("data-drawn", "63")

    page.get_by_role("button", name="Closer", exact=True).click()
    expect(picture(page)).to_have_attribute("data-zoom", "1.40")
    picture(page).focus()
    page.keyboard.press("+")
    expect(picture(page)).to_have_attribute("data-zoom", "1.96")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("-")
    expect(picture(page)).to_have_attribute("data-zoom", "1.40")
    page.keyboard.press("0")
    expect(picture(page)).to_have_attribute("data-zoom", "1.00")


def test_the_wheel_scrolls_the_page_unless_ctrl_is_held(page, stack):
    open_tree(page, stack, "tree-several")
    expect(picture(page)).to_have_attribute("data-drawn", "63")
    picture(page).hover()

    page.mouse.wheel(0, 200)
    page.wait_for_function("scrollY > 0")
    expect(picture(page)).to_have_attribute("data-zoom", "1.00")
    picture(page).hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(picture(page)).not_to_have_attribute("data-zoom", "1.00")


def test_one_cascade_can_be_looked_at_alone(page, stack):
    open_tree(page, stack, "tree-several")

    page.get_by_role("button", name="Show cascade 2 alone").click()
    expect(picture(page)).to_have_attribute("data-drawn", "21")
    expect(page.get_by_role("button", name="Show cascade 2 alone")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Show all").click()
    expect(picture(page)).to_have_attribute("data-drawn", "63")


def test_colours_tell_generations_or_channels(page, stack):
    open_tree(page, stack, "tree-several")
    legend = page.locator("[data-tree-legend] li")

    expect(legend).to_have_text(["0", "1"])
    page.get_by_role("button", name="Channels", exact=True).click()
    expect(legend).to_have_text(["WhatsApp", "Telegram", "Email", "Copy link"])


def test_a_share_tells_its_numbers_and_nobodys_name(page, stack):
    open_tree(page, stack, "tree-several")
    page.get_by_role("button", name="Show cascade 3 alone").click()
    expect(picture(page)).to_have_attribute("data-drawn", "11")

    # The tip is drawn as well, so the words are asked for where it takes them from.
    words = page.evaluate(
        """async () => {
          const {words} = await import("/static/analytics/tree_words.js")
          return words(JSON.parse(document.getElementById("tree-data").textContent), 1)
        }"""
    )
    assert words.split("\n") == [
        "Generation: 1",
        "Button pressed: Telegram",
        "Seen in: seen nowhere",
        "Clicks: 1",
        "Shares that came of it: 0",
        "After the first share: 60 seconds",
    ]


def test_the_table_below_has_the_first_shares(page, stack):
    open_tree(page, stack, "tree-several")
    page.get_by_text("The numbers as a table").click()

    expect(
        page.get_by_role("region", name="Who passed on to whom").get_by_role("row")
    ).to_have_count(64)


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: bin/install-js")
@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_drawn_tree_is_for_everybody(page, stack, look):
    page.emulate_media(color_scheme=look)
    open_tree(page, stack, "tree-several")
    expect(picture(page)).to_have_attribute("data-drawn", "63")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate("document.querySelectorAll('details').forEach((more) => (more.open = true))")

    assert violations(page) == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_links_page_fits_and_is_whole(page, stack, size):
    [code] = {*re.findall(r"link=(\w+)", stack.get("/demo/").body.decode())}
    stack.get(f"/share/whatsapp?link={code}", User_Agent=PERSON)
    settle(stack)
    page.set_viewport_size(size)
    page.goto(f"{stack.base}/admin/reports/links/1/")

    expect(page.get_by_label("Short link", exact=True).last).to_have_value(f"{stack.base}/{code}")
    expect(page.get_by_text("As a message in WhatsApp")).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    for heading in ("Clicks over time by channel", "Funnel", "Countries", "Hours", "Cascades"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
