"""A share button as its visitors meet it: pressed, pasted, opened, and seen in the report."""

from __future__ import annotations

import csv
import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Browsing, log_in, password, settle
from tests.browser.paper import message_of
from tests.end_to_end.processes import Stack, wait_until
from tests.facts import WHATSAPP

TITLE = "How news travels by word of mouth"
SHORT_LINK = re.compile(r"http://localhost:\d+/\w+$")
WITH_AND_WITHOUT = pytest.mark.parametrize(
    "javascript", [False, True], ids=["without-javascript", "with-javascript"]
)


class Counts(NamedTuple):
    presses: int = 0
    previews: int = 0
    clicks: int = 0


def press_whatsapp(page: Page, stack: Stack) -> str:
    """Press the first WhatsApp button of the demo page; return the short link it hands out."""
    page.goto(f"{stack.base}/demo/")
    text = message_of(page, page.get_by_role("link", name="WhatsApp").first.click)
    assert text.startswith(f"{TITLE} ")
    [link] = SHORT_LINK.findall(text)
    return str(link)


def open_report(browsing: Browsing, stack: Stack) -> Page:
    """Open the report "Content by channel" as the administrator, with everything counted."""
    page = browsing.page()
    log_in(page, stack, "admin", password(stack))
    settle(stack)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Content", exact=True).click()
    expect(page.get_by_role("heading", name="Content by channel")).to_be_visible()
    return page


def reported(report: Page) -> Counts:
    """Return what the report says, once loaded again, about the demo article and WhatsApp."""
    report.reload()
    article = report.locator("tbody", has=report.get_by_role("link", name=TITLE))
    row = article.get_by_role("row", name="WhatsApp")
    if not row.count():
        return Counts()
    return Counts(*map(int, row.get_by_role("cell").all_inner_texts()[:3]))


def download(report: Page) -> list[dict[str, str]]:
    """Return the rows of the file that the report offers."""
    report.locator("summary", has_text="Export").click()
    with report.expect_download() as downloading:
        report.get_by_role("link", name="CSV", exact=True).click()
    with downloading.value.path().open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def raw_hits(report: Page, stack) -> list[dict[str, str]]:
    answer = report.request.get(f"{stack.base}/admin/reports/files/hits.csv?site=demo")
    return list(csv.DictReader(answer.text().splitlines()))


@WITH_AND_WITHOUT
def test_a_press_its_preview_and_its_click_are_in_the_report_within_two_seconds(
    stack, browsing, javascript
):
    report = open_report(browsing, stack)
    before = reported(report)
    link = press_whatsapp(browsing.page(javascript=javascript), stack)
    code = link.rpartition("/")[2]

    preview = stack.get(f"/{code}", User_Agent=WHATSAPP)
    recipient = browsing.page(javascript=javascript)
    recipient.goto(link, wait_until="commit")
    expected = Counts(before.presses + 1, before.previews + 1, before.clicks + 1)
    wait_until(lambda: reported(report) == expected, timeout=2, what=f"{expected} in the report")

    landed = urlsplit(recipient.url)
    assert f"{landed.scheme}://{landed.netloc}{landed.path}" == f"{stack.base}/demo/"
    assert preview.status == 302
    led_to = urlsplit(preview.headers["location"])
    assert parse_qs(led_to.query) == {
        "utm_source": ["whatsapp"],
        "utm_medium": ["share"],
        "utm_campaign": ["demo"],
        "gv": [code],
    }
    expect(recipient.get_by_role("heading", level=1)).to_be_visible()
    # The script takes the code out of the address, which people bookmark and pass on.
    expected_query = led_to.query.replace(f"&gv={code}", "") if javascript else led_to.query
    expect(recipient).to_have_url(f"{stack.base}/demo/?{expected_query}")
    rows = {(row["title"], row["channel"]): row for row in download(report)}
    row = rows[TITLE, "whatsapp"]
    assert row["reach"] == "private"
    assert Counts(*(int(row[name]) for name in Counts._fields)) == expected
    hits = [row for row in raw_hits(report, stack) if row["share"] == code]
    assert [(hit["kind"], hit["observed channel"]) for hit in hits] == [
        ("preview", "whatsapp"),
        ("click", ""),
    ]
    assert {hit["declared channel"] for hit in hits} == {"whatsapp"}
    settle(stack)
    assert reported(report) == expected, "something was counted twice"


@WITH_AND_WITHOUT
def test_each_press_hands_out_a_link_of_its_own(stack, browsing, javascript):
    page = browsing.page(javascript=javascript)

    links = {press_whatsapp(page, stack) for _ in range(3)}

    assert len(links) == 3
    assert all(stack.get(urlsplit(link).path, method="HEAD").status == 302 for link in links)


def test_the_demo_page_asks_nobody_else(stack, browsing):
    browsing.page().goto(f"{stack.base}/demo/")

    assert browsing.left_for == []


def hand_over(window: BrowserContext, stack: Stack) -> Page:
    """Go where the Signal button leads without JavaScript: no address can open its app."""
    [code] = {*re.findall(r"link=(\w+)", stack.get("/demo/").body.decode())}
    page = window.new_page()
    page.goto(f"{stack.base}/share/signal?link={code}")
    expect(page.get_by_text("Copy this link, then paste it in Signal.")).to_be_visible()
    return page


def refuse_clipboard(page: Page, browser: Browser) -> None:
    """Do as a visitor does who forbids the page to write to the clipboard."""
    session = page.context.new_cdp_session(page)
    context = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    browser.new_browser_cdp_session().send(
        "Browser.setPermission",
        {
            "permission": {"name": "clipboard-write"},
            "setting": "denied",
            "browserContextId": context,
        },
    )


def remove_clipboard(page: Page, browser: Browser) -> None:
    """Do as browsers do on plain http."""
    page.evaluate("delete Navigator.prototype.clipboard")


def test_the_link_for_signal_is_copied(stack, browsing):
    window = browsing.window()
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = hand_over(window, stack)

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label("Your link").input_value()
    page.goto(copied)
    assert parse_qs(urlsplit(page.url).query)["utm_source"] == ["signal"]


@pytest.mark.parametrize("spoil", [refuse_clipboard, remove_clipboard])
def test_nothing_is_called_copied_that_was_not(stack, browsing, chromium, spoil):
    page = hand_over(browsing.window(), stack)
    spoil(page, chromium)

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("status")).to_have_text("Selected: now copy it")
    expect(page.get_by_text(re.compile("copied", re.IGNORECASE))).to_have_count(0)
    field = page.get_by_label("Your link")
    expect(field).to_be_focused()
    selected = field.evaluate(
        "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    )
    assert selected == field.input_value()
    assert SHORT_LINK.fullmatch(selected)


def test_without_javascript_the_link_is_there_to_be_selected(stack, browsing):
    page = browsing.page(javascript=False)
    page.goto(f"{stack.base}/demo/")
    page.get_by_role("link", name="Signal").first.click()
    expect(page.get_by_text("Copy this link, then paste it in Signal.")).to_be_visible()

    assert SHORT_LINK.fullmatch(page.get_by_label("Your link").input_value())
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
