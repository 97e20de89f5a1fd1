"""Buttons where a page or a browser allows little."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.paper import BAR, SETTLED, events_of, message_of, open_page, press_whatsapp
from tests.end_to_end.processes import wait_until

SHORT_LINK = re.compile(r"http://localhost:\d+/[A-Za-z0-9]{6,}")
HEAR = """
self.heard = []
for (const type of ["grapevine:share", "grapevine:cancel"]) {
  addEventListener(type, ({detail}) => heard.push([type, detail.channel, !!detail.code]))
}
"""
SHEET = "navigator.canShare = () => true; navigator.share = async (data) => "
SELECTED = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"


def field_of(page: Page, name: str = "Copy link"):
    """Return the field with the link, which is selected."""
    field = page.get_by_role("textbox", name=name)
    expect(field).to_be_focused()
    assert SHORT_LINK.fullmatch(field.evaluate(SELECTED))
    return field


@pytest.fixture
def listening(browsing):
    """A window whose pages note the events of the buttons."""
    window = browsing.window()
    window.add_init_script(HEAR)
    return window


def heard(page: Page) -> list[list[object]]:
    events: list[list[object]] = page.evaluate("heard")
    return events


# Policies


def test_the_lines_that_the_admin_shows_are_enough(browsing, paper):
    base = paper.stack.base
    rules = f"default-src 'self'; script-src {base}; connect-src {base}; img-src {base}"
    url = paper.put(
        '<grapevine-share channels="whatsapp copy qr"></grapevine-share>',
        Content_Security_Policy=f"{rules}; require-trusted-types-for 'script'",
    )
    page = open_page(browsing.window(), url)
    button = page.get_by_role("link", name="WhatsApp")
    assert button.evaluate("(button) => getComputedStyle(button).display") == "flex"
    page.get_by_role("link", name="QR").click()
    field_of(page)
    picture = page.get_by_role("img", name="QR")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("(picture) => picture.naturalWidth") > 0

    assert press_whatsapp(page).startswith(base)
    paper.await_shares(url, (14, "", None), (1, "", None))


def test_where_nothing_may_be_asked_the_page_itself_is_shared(browsing, paper):
    rules = f"default-src 'self'; script-src {paper.stack.base}"
    url = paper.put(Content_Security_Policy=rules)
    page = open_page(browsing.window(), url)

    assert press_whatsapp(page) == url
    assert any("connect-src" in problem for problem in browsing.problems)
    browsing.forgive("Content Security Policy", "connect-src")


def test_without_javascript_plain_links_do_the_same(browsing, paper):
    plain = f'<a href="{paper.stack.base}/share/whatsapp?site=paper&amp;url={{}}">WhatsApp</a>'
    path = "/no-javascript"
    url = paper.put(
        f"<grapevine-share>{plain.format(paper.base + path)}</grapevine-share>", path=path
    )
    page = browsing.page(javascript=False)
    page.goto(url)
    button = page.get_by_role("link", name="WhatsApp")

    assert SHORT_LINK.search(message_of(page, button.click))
    paper.await_shares(url, (1, "", None))


def test_a_frame_of_another_site_may_open_apps_and_shows_what_it_cannot_copy(browsing, paper):
    url = paper.put()
    top = paper.put(f'<iframe src="{url}" width="380" height="600"></iframe>', script="")
    page = browsing.page()
    page.goto(top.replace("127.0.0.1", "localhost"))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("link", name="WhatsApp")).to_have_attribute(
        "href", re.compile("^https://wa.me")
    )

    message_of(page, frame.get_by_role("link", name="WhatsApp").click)
    frame.get_by_role("link", name="Copy link").click()
    field = frame.get_by_role("textbox", name="Copy link")
    expect(field).to_be_focused()
    assert SHORT_LINK.fullmatch(field.input_value())
    expect(frame.get_by_text("Link copied")).to_have_count(0)
    browsing.forgive("Clipboard API")


@pytest.mark.parametrize("sandbox", ["allow-popups", "allow-popups allow-scripts"])
def test_a_sandboxed_frame_opens_apps(browsing, paper, sandbox):
    path = f"/sandboxed-{len(sandbox)}"
    plain = f"{paper.stack.base}/share/whatsapp?site=paper&amp;url={paper.base}{path}"
    html = f'<grapevine-share><a href="{plain}" target="_blank">WhatsApp</a></grapevine-share>'
    url = paper.put(html, path=path)
    top = paper.put(f'<iframe sandbox="{sandbox}" src="{url}" height="600"></iframe>', script="")
    page = browsing.page()
    page.goto(top)
    button = page.frame_locator("iframe").get_by_role("link", name="WhatsApp")
    # With scripts, the page tells the server no origin, and gets no codes.
    has_scripts = "scripts" in sandbox
    expect(button).to_have_attribute(
        "href", re.compile("^https://wa.me/" if has_scripts else "/share/")
    )

    link = message_of(page, button.click).rpartition(" ")[2]
    assert link == url if has_scripts else SHORT_LINK.fullmatch(link)
    browsing.forgive("null is not a host", "403", "sandboxed")


@pytest.mark.parametrize("name", ["WhatsApp", "Copy link"])
def test_a_page_that_is_not_the_site_s_shares_itself(browsing, paper, name):
    paper.stack.python(
        "from shortener.models import Site\n"
        "Site.objects.get_or_create(key='away', defaults={'hosts': ['away.example']})"
    )
    window = browsing.window()
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_page(window, url := paper.put(script=paper.script(data_site="away")))
    browsing.forgive("status of 4")

    if name == "WhatsApp":
        assert press_whatsapp(page) == url
    else:
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("status")).to_have_text("Link copied")
        assert page.evaluate("navigator.clipboard.readText()") == url


# The device's own sheet


def test_what_the_sheet_has_taken_is_a_press(listening, paper):
    listening.add_init_script(f"{SHEET} {{ self.taken = data }}")
    page = open_page(listening, url := paper.put())
    page.get_by_role("link", name="Share…").click()
    page.wait_for_function("heard.length")

    taken = page.evaluate("taken")
    assert taken["title"] == "An article"
    assert SHORT_LINK.fullmatch(taken["url"])
    assert heard(page) == [["grapevine:share", "native", True]]
    paper.await_shares(url, (12, "bar", None))


def test_a_sheet_that_was_closed_is_no_press(listening, paper):
    listening.add_init_script(f"{SHEET} {{ throw new DOMException('', 'AbortError') }}")
    events = events_of(listening)
    page = open_page(listening, paper.put())
    page.get_by_role("link", name="Share…").click()
    page.wait_for_function("heard.length")

    assert heard(page) == [["grapevine:cancel", "native", True]]
    assert [event["kind"] for event in events] == ["visit", "cancel"]
    expect(page.get_by_role("textbox")).to_have_count(0)


def test_where_the_sheet_is_refused_the_link_is_shown(listening, paper):
    listening.add_init_script(f"{SHEET} {{ throw new DOMException('', 'NotAllowedError') }}")
    page = open_page(listening, paper.put())
    page.get_by_role("link", name="Share…").click()

    field_of(page)
    assert heard(page) == [["grapevine:share", "native", True]]


@pytest.mark.parametrize("layout", ["bar", "native"])
def test_without_a_sheet_no_button_promises_one(browsing, paper, layout):
    page = open_page(browsing.window(), paper.put(f'<grapevine-share layout="{layout}">'))

    expect(page.get_by_role("link", name="Share…")).to_have_count(0)


def test_one_button_opens_the_sheet(listening, paper):
    listening.add_init_script(f"{SHEET} {{ self.taken = data }}")
    page = listening.new_page()
    page.goto(paper.put('<grapevine-share layout="native"></grapevine-share>'))
    button = page.get_by_role("button", name="Share")
    expect(page.get_by_role("link")).to_have_count(0)
    button.click()
    page.wait_for_function("heard.length")

    assert SHORT_LINK.fullmatch(page.evaluate("taken.url"))
    assert button.get_attribute("aria-expanded") is None


# The clipboard


REFUSE = "if (self.Clipboard) Clipboard.prototype.{} = () => Promise.reject(Error())\n"
CLIPBOARDS = {
    "refused": REFUSE.format("write") + REFUSE.format("writeText"),
    "missing": "delete Navigator.prototype.clipboard",
}
OLDER_CLIPBOARDS = {
    "without-items": "delete self.ClipboardItem",
    "without-promises": REFUSE.format("write"),
}


@pytest.mark.parametrize("spoil", CLIPBOARDS.values(), ids=list(CLIPBOARDS))
def test_nothing_is_called_copied_that_was_not(listening, paper, spoil):
    listening.add_init_script(spoil)
    page = open_page(listening, url := paper.put())
    page.get_by_role("link", name="Copy link").click()

    field_of(page)
    expect(page.get_by_text("copied")).to_have_count(0)
    page.wait_for_function("heard.length")
    assert heard(page) == [["grapevine:share", "copy", True]]
    paper.await_shares(url, (11, "bar", None))


def test_what_was_copied_is_the_link_and_the_word_where_to_paste_it(listening, paper):
    listening.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_page(listening, paper.put())
    page.get_by_role("link", name="Signal").click()

    expect(page.get_by_role("status")).to_have_text("Link copied – paste it in Signal")
    assert SHORT_LINK.fullmatch(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("spoil", OLDER_CLIPBOARDS.values(), ids=list(OLDER_CLIPBOARDS))
def test_where_the_clipboard_takes_no_promise_it_gets_the_text(listening, paper, spoil):
    listening.add_init_script(spoil)
    listening.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_page(listening, url := paper.put())
    page.get_by_role("link", name="Copy link").click()

    expect(page.get_by_role("status")).to_have_text("Link copied")
    assert SHORT_LINK.fullmatch(page.evaluate("navigator.clipboard.readText()"))
    paper.await_shares(url, (11, "bar", None))


@pytest.mark.parametrize("sheet", ["", f"{SHEET} {{ self.taken = data }}"], ids=["copy", "sheet"])
def test_a_press_does_not_wait_for_an_offer_that_never_comes(listening, paper, sheet):
    listening.grant_permissions(["clipboard-read", "clipboard-write"])
    listening.add_init_script(sheet)
    listening.route("**/offer?*", lambda route: None)
    page = listening.new_page()
    page.clock.install(time=0)
    page.goto(url := paper.put())
    page.clock.pause_at(60)
    page.get_by_role("link", name="Share…" if sheet else "Copy link").click()
    page.clock.run_for(3900)
    assert heard(page) == []
    page.clock.run_for(100)
    page.wait_for_function("heard.length")

    passed_on = "taken.url" if sheet else "navigator.clipboard.readText()"
    assert page.evaluate(passed_on) == url
    assert heard(page) == [["grapevine:share", "native" if sheet else "copy", False]]


def test_a_copy_before_any_code_has_come_waits_for_it(listening, paper):
    listening.grant_permissions(["clipboard-read", "clipboard-write"])
    held = []
    listening.route("**/offer?*", lambda route: held.append(route))
    page = listening.new_page()
    page.goto(paper.put())
    page.get_by_role("link", name="Copy link").click()
    expect(page.get_by_role("status")).to_be_empty()
    held[0].continue_()

    expect(page.get_by_role("status")).to_have_text("Link copied")
    assert SHORT_LINK.fullmatch(page.evaluate("navigator.clipboard.readText()"))


# Messenger


MESSENGER = '<grapevine-share channels="messenger"></grapevine-share>'
FORM = re.compile(
    r"https://www\.facebook\.com/dialog/send\?app_id=1234"
    r"&link=http%3A%2F%2Flocalhost%3A\d+%2F\w+&redirect_uri=(.+)"
)


@pytest.mark.parametrize("sheet", ["", f"{SHEET} {{}}"], ids=["without-sheet", "with-sheet"])
def test_with_an_app_messenger_is_its_own_form_on_computers(listening, paper, sheet):
    listening.add_init_script(sheet)
    page = listening.new_page()
    page.goto(url := paper.put(MESSENGER, script=paper.script(data_app="1234")))
    button = page.get_by_role("link", name="Messenger")

    expect(button).to_have_attribute("href", FORM)
    found = FORM.fullmatch(button.get_attribute("href") or "")
    assert found
    assert unquote(found[1]) == url
    assert button.get_attribute("target") == "_blank"


@pytest.mark.parametrize(
    ("app", "has_touch"), [({"data_app": "1234"}, True), ({}, True), ({}, False)]
)
def test_without_an_app_and_on_phones_messenger_is_the_device_s_sheet(
    chromium, paper, app, has_touch
):
    window = chromium.new_context(has_touch=has_touch, is_mobile=has_touch)
    window.add_init_script(f"{SHEET} {{ self.taken = data }}")
    page = open_page(window, paper.put(MESSENGER, script=paper.script(**app)))
    page.get_by_role("link", name="Messenger").click()
    page.wait_for_function("self.taken")

    assert SHORT_LINK.fullmatch(page.evaluate("taken.url"))
    window.close()


# What is reported


@pytest.mark.parametrize("policy", ["no-referrer", "same-origin", "unsafe-url"])
def test_reports_say_which_site_they_come_from(browsing, paper, policy):
    url = paper.put(Referrer_Policy=policy)
    window = browsing.window()
    sent: list[Request] = []
    window.on("request", lambda request: sent.append(request))
    press_whatsapp(open_page(window, url))
    paper.await_shares(url, (1, "bar", None))

    # Of requests in other modes, browsers may hide the origin (fetch.spec.whatwg.org, 3.2).
    reports = [request for request in sent if request.url.endswith("/events")]
    assert [report.all_headers()["sec-fetch-mode"] for report in reports] == ["cors", "cors"]


def test_a_report_outlives_its_page(people, paper):
    page = open_page(people.window(), url := paper.put())
    press_whatsapp(page)
    # A request on this machine is out before the page is, so the wish to be kept is looked at.
    page.evaluate(
        """() => {
          const {fetch} = self
          self.fetch = (url, options) => {
            if (options?.method) sessionStorage.isKept = options.keepalive
            return fetch(url, options)
          }
          addEventListener("pagehide", () => grapevine.convert("farewell"))
        }"""
    )
    page.reload()
    assert page.evaluate("sessionStorage.isKept") == "true"

    paper.await_shares(url, (1, "bar", None))
    query = "SELECT count(*) FROM analytics_conversion WHERE name = 'farewell'"
    wait_until(lambda: paper.rows(query) == [(1,)], what="the conversion")


def block(route: Route) -> None:
    route.abort()


def hold(route: Route) -> None:
    """Never answer."""


@pytest.mark.parametrize("answer", [block, hold])
def test_without_reports_buttons_work_and_codes_are_new_each_time(
    browsing, listening, paper, answer
):
    listening.route("**/events", answer)
    browsing.forgive("/events")
    page = open_page(listening, paper.put(BAR))

    first = press_whatsapp(page)
    page.wait_for_function(SETTLED)
    assert press_whatsapp(page) != first
    assert heard(page) == [["grapevine:share", "whatsapp", True]] * 2
    page.evaluate("grapevine.convert('order')")
