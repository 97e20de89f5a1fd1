import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.utils.html import escape

from shortener import demo
from shortener.editions import EDITIONS
from shortener.models import Link

HERE = "https://go.example"
GALLERY = "/demo/buttons/"
ARTICLES = {
    edition.path_of(article): (edition.language, article)
    for edition in EDITIONS.values()
    for article in edition.articles
}
LANGUAGES = {
    **{edition.path: edition.language for edition in EDITIONS.values()},
    **{path: language for path, (language, _) in ARTICLES.items()},
    GALLERY: "en",
}
EVERY_PAGE = pytest.mark.parametrize("path", LANGUAGES)
TRANSLATED = pytest.mark.parametrize("path", [path for path in LANGUAGES if path != GALLERY])


class Document(HTMLParser):
    """The elements of a page, each a name and its attributes."""

    def __init__(self, html):
        super().__init__()
        self.html = html
        self.elements = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, tag, **wanted):
        """Return the attributes of each element of that name that has the wanted ones."""
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and wanted.items() <= attributes.items()
        ]


@pytest.fixture
def read(db, client, settings):
    """Open pages of a demo that is there."""
    settings.PUBLIC_URL, settings.PUBLIC_HOST = HERE, "go.example"
    settings.ALLOWED_HOSTS = ["testserver"]
    demo.ensure()

    def read(path):
        response = client.get(path)
        assert response.status_code == 200, path
        return Document(response.content.decode())

    return read


@EVERY_PAGE
def test_a_page_names_its_language_and_itself(read, path):
    page = read(path)

    assert page.all("html") == [{"lang": LANGUAGES[path]}]
    assert len(page.all("h1")) == 1
    assert page.all("link", rel="canonical") == [{"rel": "canonical", "href": HERE + path}]
    assert page.all("meta", property="og:url", content=HERE + path)
    assert not page.all("meta", name="robots")


@EVERY_PAGE
def test_a_page_has_a_preview(read, path):
    page = read(path)
    values = {meta["property"]: meta["content"] for meta in page.all("meta") if "property" in meta}

    assert values["og:image"] == f"{HERE}/static/shortener/demo.png"
    assert f"<title>{escape(values['og:title'])} · The Bench</title>" in page.html
    assert all(values.values())


def alternates(page):
    links = page.all("link", rel="alternate")
    return {link["hreflang"]: link["href"].removeprefix(HERE) for link in links}


@TRANSLATED
def test_a_page_and_its_translations_name_each_other(read, path):
    page = read(path)
    languages = alternates(page)

    assert languages.keys() == {*EDITIONS, "x-default"}
    assert languages[LANGUAGES[path]] == path
    assert languages["x-default"] == languages["en"]
    for language, translation in languages.items():
        other = read(translation)
        assert alternates(other) == languages
        assert other.all("html", lang=language) or language == "x-default"


@TRANSLATED
def test_a_page_leads_to_its_translation(read, path):
    page = read(path)
    languages = alternates(page)
    leading = {link["hreflang"]: link for link in page.all("a") if link.get("lang")}

    assert {name: link["href"].removeprefix(HERE) for name, link in leading.items()} == {
        name: languages[name] for name in EDITIONS
    }
    assert [name for name, link in leading.items() if "aria-current" in link] == [LANGUAGES[path]]


def test_the_gallery_has_no_translation(read):
    assert alternates(read(GALLERY)) == {}


@EVERY_PAGE
def test_a_page_can_be_shared_from_places_that_reports_tell_apart(read, path):
    page = read(path)
    placements = [share["placement"] for share in page.all("grapevine-share")]

    assert placements
    assert len({*placements}) == len(placements)
    assert page.all("script") == [{"type": "module", "src": "/share.js", "data-site": "demo"}]


@EVERY_PAGE
def test_every_link_leads_somewhere(read, client, path):
    page = read(path)
    names = {attributes.get("id") for _, attributes in page.elements}

    for link in page.all("a"):
        address = link["href"].removeprefix(HERE)
        if address.startswith("#"):
            assert address[1:] in names
        elif not address.startswith("/share/"):
            assert client.get(address).status_code in {200, 302}, address


@TRANSLATED
def test_every_page_of_a_language_can_be_reached_from_every_other(read, path):
    language = LANGUAGES[path]
    others = {other for other, name in LANGUAGES.items() if name == language and other != path}

    assert others <= {link["href"] for link in read(path).all("a")}


@EVERY_PAGE
def test_nothing_stands_in_a_page_that_its_policy_forbids(read, path):
    page = read(path)

    assert not page.all("style")
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag
        assert tag != "script" or attributes.get("src")


@EVERY_PAGE
def test_what_a_page_loads_from_here_is_there(read, path):
    page = read(path)

    for link in page.all("link", rel="stylesheet") + page.all("link", rel="icon"):
        assert finders.find(link["href"].removeprefix("/static/")), link


def test_the_front_page_shares_the_link_of_the_demo(read):
    page = read("/demo/")
    link = Link.objects.get()

    assert {share["link"] for share in page.all("grapevine-share")} == {link.code}
    for placement in ("front-top", "front-end"):
        url = f"{HERE}/share/whatsapp?link={link.code}&placement={placement}"
        assert len(page.all("a", href=url)) == 1
    assert {*re.findall(r"link=(\w+)", page.html)} == {link.code}


@pytest.mark.parametrize("path", [path for path in LANGUAGES if path not in {"/demo/", GALLERY}])
def test_without_javascript_other_pages_share_themselves(read, client, path):
    page = read(path)
    pressed = [link["href"] for link in page.all("a") if "/share/whatsapp" in link["href"]]

    assert pressed
    for address in pressed:
        query = parse_qs(urlsplit(address).query)
        assert query["url"] == [HERE + path]
        assert len(query["placement"]) == 1
    response = client.get(pressed[0])
    assert response.status_code == 303
    assert response["Location"].startswith("https://wa.me/?text=")
    link = Link.objects.get(page=HERE + path)
    assert link.site.key == "demo"
    assert f"<h1>{escape(link.title)}</h1>" in page.html


def test_the_labels_of_buttons_are_in_the_language_of_the_page(read):
    page = read("/demo/es/")

    assert {nav["aria-label"] for nav in page.all("nav", **{"class": "grapevine-share"})} == {
        "Compartir"
    }
    assert "<span>Copiar enlace</span>" in page.html
    assert "<span>Copy link</span>" not in page.html


@pytest.mark.parametrize("path", ARTICLES)
def test_each_article_has_a_form_of_the_buttons_of_its_own(read, path):
    name = ARTICLES[path][1].name
    page = read(path)
    layouts = {share.get("layout", "bar") for share in page.all("grapevine-share")}
    in_the_address_bar = [share for share in page.all("grapevine-share") if "addressbar" in share]

    forms = {"news": {"bar", "native"}, "beans": {"bar"}, "song": {"bar", "stack"}}
    assert layouts == forms[name]
    assert len(in_the_address_bar) == (name == "beans")


def test_the_gallery_shows_the_lines_that_it_uses(read):
    page = read(GALLERY)
    css = Path(str(finders.find("shortener/examples.css"))).read_text()

    for example in re.split(r"/\* \w+ \*/", css)[1:]:
        assert f"<code>{escape(example.strip())}</code>" in page.html
    for layout in ("stack", "native"):
        assert page.all("grapevine-share", layout=layout)
        assert escape(f'layout="{layout}"') in page.html
    assert page.all("div", lang="ar", dir="rtl")
    assert page.html.count(escape("<grapevine-share")) == len(page.all("grapevine-share"))


@EVERY_PAGE
@pytest.mark.parametrize("missing", ["the demo is off", "no site", "the link has ended"])
def test_there_is_no_page_where_there_is_no_demo(db, client, settings, path, missing):
    settings.DEMO = missing != "the demo is off"
    if missing != "no site":
        demo.ensure()
    if missing == "the link has ended":
        Link.objects.update(active=False)

    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/demo/no-such-article/",
        "/demo/es/no-such-article/",
        "/demo/es/how-news-finds-its-way/",
        "/demo/fr/",
        "/demo/es/buttons/",
    ],
)
def test_an_article_that_was_never_written_is_not_found(read, client, path):
    assert client.get(path).status_code == 404
