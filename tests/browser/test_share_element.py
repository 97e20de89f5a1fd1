"""The element in every place where a page can put it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.paper import BAR, Paper, message_of, open_page, press_whatsapp

BARS = """
() => [...document.querySelectorAll("grapevine-share")].every(({shadowRoot}) =>
  shadowRoot.querySelector("a")?.href.startsWith("https://wa.me"))
"""


PINNED = "from shortener.script import pinned_name; print(pinned_name())"


def offers_of(page: Page) -> list[dict[str, str]]:
    """Return a list that fills with what the page asks codes for."""
    asked: list[dict[str, str]] = []

    def note(request) -> None:
        parts = urlsplit(request.url)
        if parts.path == "/offer":
            asked.append({name: value[0] for name, value in parse_qs(parts.query).items()})

    page.context.on("request", note)
    return asked


def push(page: Page, url: str) -> None:
    page.evaluate("(url) => history.pushState(null, '', url)", url)


# Where it stands


def test_it_works_inside_a_shadow_root_in_the_page_s_language(browsing, paper):
    html = "<section></section>"
    page = browsing.page()
    url = paper.put(html, lang="de")
    page.goto(url)
    page.evaluate(
        """() => {
          const root = document.querySelector("section").attachShadow({mode: "open"})
          root.append(document.createElement("grapevine-share"))
          self.heard = []
          addEventListener("grapevine:share", ({detail}) => heard.push(detail.channel))
        }"""
    )
    button = page.get_by_role("link", name="WhatsApp")
    expect(page.get_by_role("group", name="Teilen")).to_be_visible()
    message_of(page, button.click)

    assert page.evaluate("heard") == ["whatsapp"]
    paper.await_shares(url, (1, "", None))


def test_an_element_made_by_a_script_works_once_it_is_in_the_page(browsing, paper):
    page = browsing.page()
    page.goto(url := paper.put(""))
    page.evaluate(
        """() => {
          const bar = document.createElement("grapevine-share")
          bar.setAttribute("placement", "made")
          document.querySelector("main").append(bar)
        }"""
    )
    press_whatsapp(page)

    paper.await_shares(url, (1, "made", None))


def test_it_can_be_moved_and_taken_away(browsing, paper):
    page = browsing.page()
    asked = offers_of(page)
    page.goto(url := paper.put(f"{BAR}<aside></aside>"))
    page.wait_for_function(BARS)
    page.evaluate(
        """() => {
          const bar = document.querySelector("grapevine-share")
          for (const name of ["aside", "main", "aside", "main", "aside"]) {
            document.querySelector(name).append(bar)
          }
        }"""
    )
    assert len(asked) == 1
    expect(page.get_by_role("group", name="Share")).to_have_count(1)
    press_whatsapp(page)
    page.locator("grapevine-share").evaluate("(bar) => bar.remove()")
    push(page, "/elsewhere")

    paper.await_shares(url, (1, "bar", None))
    assert len([offer for offer in asked if "elsewhere" in offer["url"]]) == 0


def test_each_bar_has_codes_of_its_own(browsing, paper):
    body = "".join(f'<grapevine-share placement="{name}"></grapevine-share>' for name in "abc")
    page = browsing.page()
    page.goto(url := paper.put(body))
    page.wait_for_function(BARS)
    links = [
        message_of(page, button.click)
        for button in page.get_by_role("link", name="WhatsApp").all()
    ]

    assert len(set(links)) == 3
    paper.await_shares(url, (1, "a", None), (1, "b", None), (1, "c", None))


def test_changed_attributes_are_followed(browsing, paper):
    page = open_page(browsing.window(), paper.put())
    bar = page.locator("grapevine-share")
    bar.evaluate(
        """(bar) => {
          bar.setAttribute("channels", "telegram whatsapp")
          bar.setAttribute("text", "Read this")
          bar.setAttribute("lang", "es")
        }"""
    )
    expect(page.get_by_role("group", name="Compartir")).to_be_visible()
    assert bar.get_by_role("link").all_inner_texts() == ["Telegram", "WhatsApp"]
    button = page.get_by_role("link", name="WhatsApp")
    assert message_of(page, button.click).startswith("Read this http://localhost:")


def test_the_script_may_come_twice(browsing, paper: Paper):
    base = paper.stack.base
    pinned = paper.stack.python(PINNED).strip()
    window = browsing.window()
    page = window.new_page()
    page.goto(
        paper.put(script=paper.script() + paper.script() + paper.script(src=f"{base}/{pinned}"))
    )
    press_whatsapp(page)

    expect(page.get_by_role("group", name="Share")).to_have_count(1)


def test_the_pinned_script_is_checked_and_works(browsing, paper):
    code = (
        "from shortener.embed import script_element\nfrom shortener.models import Site\n"
        "print(script_element(Site.objects.get(key='paper'), is_pinned=True))"
    )
    element = paper.stack.python(code).strip()
    assert "integrity" in element
    page = browsing.page()
    page.goto(url := paper.put(script=element))
    press_whatsapp(page)

    paper.await_shares(url, (1, "bar", None))


# What is shared


def test_a_bar_can_share_another_page(browsing, paper):
    other = paper.put(title="The other")
    page = open_page(
        browsing.window(),
        paper.put(
            f'<grapevine-share url="{urlsplit(other).path}" text="Read on"></grapevine-share>'
        ),
    )
    button = page.get_by_role("link", name="WhatsApp")

    assert message_of(page, button.click).startswith("Read on http://localhost:")
    paper.await_shares(other, (1, "", None))
    [(title,)] = paper.rows(f"SELECT title FROM shortener_link WHERE destination = '{other}'")
    assert title == "Read on"


def test_another_page_is_not_called_as_this_one(browsing, paper):
    other = paper.put()
    head = '<meta property="og:title" content="Here"><meta property="og:image" content="/a.png">'
    page = open_page(
        browsing.window(),
        paper.put(f'<grapevine-share url="{other}"></grapevine-share>', head=head),
    )
    button = page.get_by_role("link", name="WhatsApp")

    assert message_of(page, button.click).startswith("http://localhost:")
    [link] = paper.rows(f"SELECT title, image FROM shortener_link WHERE destination = '{other}'")
    assert link == (urlsplit(other).path, "")


def test_a_bar_can_share_a_link_made_by_hand(browsing, paper):
    [code] = {*re.findall(r"link=(\w+)", paper.stack.get("/demo/").body.decode())}
    window = browsing.window()
    page = window.new_page()
    page.goto(paper.put(f'<grapevine-share link="{code}"></grapevine-share>'))
    link = press_whatsapp(page)

    answer = paper.stack.get(urlsplit(link).path)
    assert urlsplit(answer.headers["location"]).path == "/demo/"


@pytest.mark.parametrize(
    "text",
    [
        "“Quotes” & 'such' <b>+ 100 %</b>",
        "Emoji 👩‍👧 and 🇪🇺",
        "Two\nlines",
        "مرحبا بالعالم",
        "{u} {t} {m} $& $1",
    ],
)
def test_a_text_arrives_as_it_was_written(browsing, paper, text):
    page = browsing.page()
    page.goto(paper.put("<grapevine-share></grapevine-share>"))
    page.locator("grapevine-share").evaluate("(bar, text) => bar.setAttribute('text', text)", text)
    page.wait_for_function(BARS)
    message = message_of(page, page.get_by_role("link", name="WhatsApp").click)

    assert re.fullmatch(re.escape(text) + r" http://localhost:\d+/\w+", message)


# What is asked for


def test_unknown_channels_are_left_out(browsing, paper):
    page = open_page(
        browsing.window(),
        paper.put('<grapevine-share channels="pigeon whatsapp  constructor line">'),
    )

    expect(page.get_by_role("link")).to_have_text(["WhatsApp", "LINE"])


def test_the_channels_are_those_of_the_site(browsing, paper):
    paper.stack.python(
        "from tests.factories import make_site\n"
        "make_site(key='quiet', hosts=['127.0.0.1'], channels=['line', 'copy'])"
    )
    page = browsing.page()
    page.goto(paper.put(script=paper.script(**{"data-site": "quiet"})))

    expect(page.get_by_role("link")).to_have_text(["LINE", "Copy link"])


def test_the_channels_are_those_of_the_site_in_addressbar_mode_too(browsing, paper):
    paper.stack.python(
        "from tests.factories import make_site\n"
        "make_site(key='bars', hosts=['127.0.0.1'], channels=['whatsapp', 'line'])"
    )
    page = browsing.page()
    body = "<grapevine-share addressbar></grapevine-share>"
    page.goto(paper.put(body, script=paper.script(**{"data-site": "bars"})))

    expect(page.get_by_role("link")).to_have_text(["WhatsApp", "LINE"])
    expect(page).to_have_url(re.compile(r"\?gv=\w+$"))
    assert press_whatsapp(page).startswith(paper.stack.base)


@pytest.mark.parametrize("key", ["", "nobody"])
def test_without_a_site_the_page_itself_is_shared(browsing, paper, key):
    url = paper.put(script=paper.script(**{"data-site": key}))
    page = open_page(browsing.window(), url)

    assert press_whatsapp(page) == url
    browsing.forgive("/offer?site=", "/events")


def test_a_list_that_comes_late_leaves_the_focus_where_it_is(browsing, paper):
    page = browsing.page()
    held = []
    page.context.route("**/share.json", lambda route: held.append(route))
    page.goto(paper.put('<grapevine-share channels="whatsapp line copy"></grapevine-share>'))
    page.get_by_role("link", name="Copy link").focus()
    held[0].continue_()

    expect(page.get_by_role("link", name="LINE")).to_be_visible()
    expect(page.get_by_role("link", name="Copy link")).to_be_focused()
