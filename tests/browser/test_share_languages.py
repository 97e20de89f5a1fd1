"""Buttons speak the language of the page around them, thumbs and keys can press them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from shortener.channels import BUTTONS, DEFAULT_BUTTONS
from shortener.labels import LABELS, labels
from tests.browser.paper import BAR, SETTLED, open_page
from tests.browser.test_access import FOCUSED, THUMB

EVERY_CHANNEL = " ".join(channel.name for channel in BUTTONS)
SHEET = "navigator.canShare = () => true; navigator.share = async () => {}"
TAGS = {
    "en-GB": "en",
    "pt-BR": "pt-br",
    "pt-PT": "pt",
    "de-AT": "de",
    "DE": "de",
    "zh-Hant": "zh-hant",
    "zh-TW": "zh-tw",
    "zh-Hans-CN": "zh",
    "eo": "en",
    "": "en",
}


def names(group: Locator) -> list[str]:
    return group.get_by_role("link").all_inner_texts()


def test_every_language_is_spoken(browsing, paper):
    bars = "".join(
        f'<div lang="{tag}"><grapevine-share channels="email copy"></grapevine-share></div>'
        for tag in [*LABELS, *TAGS]
    )
    page = open_page(browsing.window(), paper.put(bars))
    expect(page.get_by_role("group", name="Teilen")).to_have_count(3)

    for bar, tag in zip(page.get_by_role("group").all(), [*LABELS, *TAGS], strict=True):
        words = LABELS[TAGS.get(tag, tag)]
        assert words == labels(tag)
        expect(bar).to_have_accessible_name(words.share)
        assert names(bar) == [words.email, words.copy], tag


@pytest.mark.parametrize("language", ["ar", "pt-BR", "eo"])
def test_the_page_s_language_is_spoken(browsing, paper, language):
    page = open_page(browsing.window(), paper.put(lang=language))

    expect(page.get_by_role("group", name=labels(language).share)).to_be_visible()


def test_what_was_copied_is_said_in_the_page_s_language(browsing, paper):
    window = browsing.window()
    window.grant_permissions(["clipboard-write"])
    page = open_page(window, paper.put(lang="fr"))
    page.get_by_role("link", name="Signal").click()

    expect(page.get_by_role("status")).to_have_text("Lien copié – collez-le dans Signal")


def test_until_the_words_are_there_the_page_s_own_links_stay(browsing, paper):
    window = browsing.window()
    held = []
    window.route("**/share.json", lambda route: held.append(route))
    page = window.new_page()
    page.goto(paper.put('<grapevine-share><a href="#x">Enlace</a></grapevine-share>', lang="es"))
    expect(page.get_by_role("link")).to_have_text(["Enlace"])
    page.wait_for_function("document.querySelector('grapevine-share').shadowRoot")
    expect(page.get_by_role("link")).to_have_text(["Enlace"])
    held[0].continue_()

    expect(page.get_by_role("group", name="Compartir")).to_be_visible()
    expect(page.get_by_text("Enlace", exact=True)).to_be_hidden()


def test_without_the_words_english_is_spoken(browsing, paper):
    window = browsing.window()
    window.route("**/share.json", lambda route: route.abort())
    page = window.new_page()
    body = '<grapevine-share channels="whatsapp line"><a href="#x">Enlace</a></grapevine-share>'
    page.goto(paper.put(body, lang="es"))

    expect(page.get_by_role("group", name="Share")).to_be_visible()
    expect(page.get_by_role("link")).to_have_text(["WhatsApp"])
    browsing.forgive("/share.json")


# Thumbs and keys


@pytest.mark.parametrize("layout", ["bar", "stack", "native"])
@pytest.mark.parametrize("sheet", ["", SHEET], ids=["without-sheet", "with-sheet"])
def test_every_button_has_a_name_and_room_for_a_thumb(browsing, paper, layout, sheet):
    window = browsing.window()
    window.add_init_script(sheet)
    page = window.new_page()
    page.goto(paper.put(f'<grapevine-share layout="{layout}" channels="{EVERY_CHANNEL}">'))
    opener = page.get_by_role("button")
    if layout == "native":
        opener.click()
    if layout != "native" or not sheet:
        # The script knows a few channels; the others come with share.json.
        expect(page.get_by_role("link", name="Pinterest")).to_be_visible()
    buttons = [*opener.all(), *page.get_by_role("link").all()]

    assert buttons
    for button in buttons:
        expect(button).to_have_accessible_name(re.compile(r"\w"))
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= THUMB, button.inner_text()
        assert box["x"] + box["width"] <= 390


NO_LABELS = "::part(label) { position: absolute; clip-path: inset(50%) }"
SMALL_ROOT = "html { font-size: 62.5% } body { font-size: 1.6rem }"


@pytest.mark.parametrize("style", [NO_LABELS, SMALL_ROOT, f"{NO_LABELS} * {{ font-size: 9px }}"])
@pytest.mark.parametrize("layout", ["bar", "stack", "native"])
def test_no_style_of_the_page_takes_the_room_from_thumbs(browsing, paper, style, layout):
    page = browsing.page()
    html = f'<grapevine-share layout="{layout}" channels="{EVERY_CHANNEL}"></grapevine-share>'
    page.goto(paper.put(html, head=f"<style>{style}</style>"))
    opener = page.get_by_role("button")
    if layout == "native":
        opener.click()
    expect(page.get_by_role("link", name="Pinterest")).to_be_visible()

    for button in [*opener.all(), *page.get_by_role("link").all()]:
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= THUMB


def focused(page: Page) -> bool:
    """Say whether what has the focus shows it."""
    return bool(page.evaluate(FOCUSED)["isVisible"])


def test_the_keyboard_reaches_every_button_visibly(browsing, paper):
    page = open_page(browsing.window(), paper.put())
    buttons = page.get_by_role("link").all()

    assert len(buttons) == len(DEFAULT_BUTTONS) - 2
    for button in buttons:
        page.keyboard.press("Tab")
        expect(button).to_be_focused()
        assert focused(page)


def test_the_keyboard_opens_and_closes_the_menu(browsing, paper):
    page = browsing.page()
    page.goto(paper.put('<grapevine-share layout="native"></grapevine-share>'))
    button = page.get_by_role("button", name="Share")
    menu = page.get_by_role("group", name="Share")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(menu).to_be_hidden()

    page.keyboard.press("Tab")
    assert focused(page)
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="WhatsApp")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def test_the_menu_stays_open_when_the_codes_come(browsing, paper):
    page = browsing.page()
    held: list[Route] = []
    page.context.route("**/offer?*", lambda route: held.append(route))
    page.goto(paper.put('<grapevine-share layout="native"></grapevine-share>'))
    page.get_by_role("button", name="Share").click()
    held[0].continue_()
    page.wait_for_function(SETTLED)

    expect(page.get_by_role("group", name="Share")).to_be_visible()


def test_the_menu_stays_open_when_a_button_in_it_was_pressed(browsing, paper):
    window = browsing.window()
    window.grant_permissions(["clipboard-write"])
    page = window.new_page()
    page.goto(paper.put('<grapevine-share layout="native"></grapevine-share>'))
    page.get_by_role("button", name="Share").click()
    page.get_by_role("link", name="Copy link").click()

    expect(page.get_by_role("status")).to_have_text("Link copied")
    expect(page.get_by_role("group", name="Share")).to_be_visible()


@pytest.mark.parametrize("has_touch", [False, True], ids=["mouse", "touch"])
def test_what_points_at_a_button_does_not_stick_to_it(chromium, paper, has_touch):
    window = chromium.new_context(has_touch=has_touch, is_mobile=has_touch)
    page = open_page(window, paper.put(BAR))
    button = page.get_by_role("link", name="Copy link")
    colour = "(button) => getComputedStyle(button).backgroundColor"
    before = button.evaluate(colour)
    if has_touch:
        button.tap()
    else:
        button.hover()

    assert (button.evaluate(colour) == before) is has_touch
    window.close()
