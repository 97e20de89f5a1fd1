"""The first day of a marketer who has read no manual, on the demo's month."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import log_in, password, settle
from tests.end_to_end.processes import Stack

STORIES = ("honey", "bread", "rain", "cheese", "wool", "mills", "owls", "ferries", "tiles", "salt")
BEANS = ("Twelve beans in an envelope", "Doce judías en un sobre")
"""What readers of the demo copy, and paste into Telegram."""


@pytest.fixture(scope="module")
def demo(chromium, tmp_path_factory):
    """The product with two months of readers: some of last month, whatever day it is."""
    with Stack(tmp_path_factory.mktemp("first-day") / "data") as demo:
        seeded = demo.manage("seed_demo", "--days", "62")
        assert seeded.returncode == 0, seeded.stderr
        settle(demo)
        yield demo


@pytest.fixture
def page(demo, browsing):
    page = browsing.page()
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, demo, "admin", password(demo))
    return page


def go(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()


def make_ten_links(page: Page, demo: Stack) -> None:
    go(page, "New links")
    addresses = [f"{demo.base}/demo/{story}" for story in STORIES]
    page.get_by_role("textbox", name="Addresses").fill("\n".join(addresses))
    page.get_by_role("button", name="Make 10 links").click()
    expect(page.get_by_role("heading", name="10 links made")).to_be_visible()


def find_what_was_seen_in_telegram(page: Page) -> str:
    go(page, "Channels")
    card = page.locator("section", has=page.get_by_role("heading", name="Revealed"))
    card.get_by_text("The numbers as a table").click()
    rows = card.get_by_role("row").filter(has_text="Copy link").filter(has_text="Telegram").all()
    most = max(rows, key=shares)
    title = most.get_by_role("link").inner_text()
    assert title in BEANS
    most.get_by_role("link").click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    return title


def shares(row: Locator) -> int:
    return int(row.get_by_role("cell").nth(-2).inner_text())


def export_last_month(page: Page) -> list[dict[str, str]]:
    go(page, "Content")
    page.get_by_role("link", name="Last month").click()
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="CSV for Excel", exact=True).click()
    file = downloading.value
    end = date.today().replace(day=1) - timedelta(days=1)
    assert file.suggested_filename == f"grapevine-content-demo-{end:%Y-%m}-01-{end}.csv"
    text = file.path().read_text(encoding="utf-8")
    assert text.startswith("\ufeff"), "Excel takes it for another encoding"
    return list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))


def test_it_takes_no_manual(page, demo):
    expect(page.get_by_text("Private clicks", exact=True)).to_be_visible()
    make_ten_links(page, demo)
    title = find_what_was_seen_in_telegram(page)
    rows = export_last_month(page)
    copied = [row for row in rows if row["title"] == title and row["channel"] == "copy"]
    assert [int(row["clicks"]) > 0 for row in copied] == [True]
