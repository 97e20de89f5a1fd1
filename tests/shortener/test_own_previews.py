"""A link's own preview: shown to preview fetchers alone, who are counted as ever."""

import io
import re
from html.parser import HTMLParser

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError

from analytics.classify import Kind, classify
from shortener import codes
from shortener.channels import BY_NAME
from shortener.edge import edge
from shortener.models import OwnPreview
from shortener.own_previews import FOLDER, keep_picture
from shortener.pictures import as_preview
from shortener.previewers import PREVIEWS as RULES
from tests.analytics.test_classify import BOTS, IN_APP, PEOPLE, PREVIEWS, SCANNERS
from tests.factories import make_link, make_site
from tests.facts import WHATSAPP
from tests.shortener.images import image, saved
from tests.shortener.journaled import recorded
from tests.shortener.requests import ask, known

pytestmark = pytest.mark.django_db

SHARE = codes.share_id(5_000, BY_NAME["telegram"].number)
FETCHERS = [agent for agent, *_ in PREVIEWS]
ONE_OF_EACH = list({classify(agent).rule: agent for agent in FETCHERS}.values())
OTHERS = [*PEOPLE, *BOTS, "", *(agent for agent, *_ in (*IN_APP, *SCANNERS))]


class Tags(HTMLParser):
    """Reads a page as a fetcher does."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str | None] = {}
        self.order: list[str] = []
        self.lang: str | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.order.append(tag)
        if tag == "html":
            self.lang = values["lang"]
        if tag == "meta" and (
            name := values.get("property") or values.get("name") or values.get("http-equiv")
        ):
            assert name not in self.meta
            self.meta[name] = values["content"]


def preview_of(link, **values):
    defaults = {"title": "Own title", "description": "Own words"}
    return OwnPreview.objects.create(link=link, **{**defaults, **values})


def with_picture(link):
    content = saved(image())
    return preview_of(
        link, picture=keep_picture(link.pk, as_preview(io.BytesIO(content), len(content)))
    )


@pytest.fixture
def link(settings):
    settings.PUBLIC_URL = "https://go.example.com"
    return make_link(title="Link's title", slug="summer")


def fetch(client, name, agent=WHATSAPP, **headers):
    return client.get(f"/{name}", headers={"user-agent": agent, **headers})


def test_the_table_of_fetchers_is_whole():
    assert len(ONE_OF_EACH) == len(RULES)


@pytest.mark.parametrize("agent", FETCHERS)
def test_every_fetcher_gets_the_own_preview_and_is_counted_once(client, link, agent):
    preview_of(link)
    name = codes.encode(link.pk, SHARE)

    response = fetch(client, name, agent)

    assert response.status_code == 200
    assert Tags(response.content.decode()).meta["og:title"] == "Own title"
    (fact,) = recorded()
    assert fact["kind"] == "hit"
    assert (fact["link"], fact["share"], fact["agent"]) == (link.pk, SHARE, agent)
    assert classify(fact["agent"]).kind is Kind.PREVIEW


@pytest.mark.parametrize("agent", OTHERS)
def test_everybody_else_is_redirected(client, link, agent):
    preview_of(link)

    response = fetch(client, link.code, agent)

    assert response.status_code == 302
    assert len(recorded()) == 1
    assert ask(f"/{link.code}", HTTP_USER_AGENT=agent)[0] == 302


@pytest.mark.parametrize("agent", ONE_OF_EACH)
def test_without_an_own_preview_fetchers_are_redirected_by_the_edge(link, agent):
    code = known(link)
    assert ask(f"/{code}", HTTP_USER_AGENT=agent)[0] == 302


@pytest.mark.parametrize("agent", ONE_OF_EACH)
def test_the_edge_leaves_a_fetcher_to_django_and_records_nothing(link, agent):
    preview_of(link)
    code = known(link)
    assert ask(f"/{code}", HTTP_USER_AGENT=agent) is None
    assert recorded() == []


def test_the_fact_is_the_one_that_a_redirect_records(client, link):
    fetch(client, link.code, referer="https://t.me/x")
    preview_of(link)
    edge().catalog.follow()
    fetch(client, link.code, referer="https://t.me/x")
    first, second = recorded()
    assert first | {"time": 0} == second | {"time": 0}


def test_the_tags_are_these_and_no_others(client, link):
    own = with_picture(link)
    own.picture_text = "A garden"
    own.language = "pt-br"
    own.save()
    name = codes.encode(link.pk, SHARE)

    page = Tags(fetch(client, name).content.decode())

    assert page.lang == "pt-br"
    assert page.meta == {
        "og:title": "Own title",
        "og:description": "Own words",
        "og:url": f"https://go.example.com/{name}",
        "og:image": f"https://go.example.com/preview/{own.picture}",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "A garden",
        "twitter:card": "summary_large_image",
        "refresh": f"2; url=https://example.com/article?gv={name}",
    }


def test_without_a_picture_the_card_is_a_small_one(client, link):
    preview_of(link, title="", description="")
    page = Tags(fetch(client, "summer").content.decode())
    assert page.meta == {
        "og:title": "Link's title",
        "og:url": "https://go.example.com/summer",
        "twitter:card": "summary",
        "refresh": "2; url=https://example.com/article",
    }


def test_a_site_with_a_domain_of_its_own_has_its_pictures_there(client):
    link = make_link(site=make_site(domain="go.example.org"))
    own = with_picture(link)
    page = Tags(fetch(client, link.code).content.decode())
    assert page.meta["og:image"] == f"http://go.example.org/preview/{own.picture}"


def test_the_answer_is_small_and_is_not_kept(client, link):
    preview_of(link, title="x" * 200, description="y" * 300)
    response = fetch(client, link.code)
    assert len(response.content) < 2_500
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Content-Language"] == "en"
    assert "noindex" not in f"{response.headers}{response.content.decode()}"
    assert "attachment" not in str(response.headers)


def test_a_person_who_lands_there_is_led_on(client, link):
    preview_of(link)
    html = fetch(client, link.code).content.decode()
    assert re.search(r'<a href="https://example.com/article">Own title</a>', html)


def test_words_are_only_words(client, link):
    words = "\"><script>alert('1')</script>&amp;"
    preview_of(link, title=words, description=words)
    page = Tags(fetch(client, link.code).content.decode())
    assert page.meta["og:title"] == page.meta["og:description"] == words
    assert "script" not in page.order


def test_a_query_is_passed_on_and_cannot_leave_its_tag(client, link):
    preview_of(link)
    response = client.get(
        f"/{link.code}?a=%22%3E%3Cscript%3E&b=1", headers={"user-agent": WHATSAPP}
    )
    page = Tags(response.content.decode())
    assert page.meta["refresh"] == "2; url=https://example.com/article?a=%22%3E%3Cscript%3E&b=1"
    assert "script" not in page.order


def test_head_and_ranges_are_answered(client, link):
    preview_of(link)
    whole = fetch(client, link.code)
    part = fetch(client, link.code, range="bytes=0-10")
    head = client.head(f"/{link.code}", headers={"user-agent": WHATSAPP})

    assert (part.status_code, part.content) == (200, whole.content)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(whole.content))
    assert len(recorded()) == 3


def test_a_channel_that_does_not_exist_has_no_preview(client, link):
    preview_of(link)
    assert fetch(client, codes.encode(link.pk, codes.share_id(5_000, 61))).status_code == 404
    assert recorded() == []


@pytest.mark.parametrize("values", [{"active": False}, {"expires": "2020-01-01T00:00Z"}])
def test_a_link_that_has_ended_shows_no_preview(client, link, values):
    preview_of(link)
    type(link).objects.filter(pk=link.pk).update(**values)
    assert fetch(client, link.code).status_code == 410


def test_catalogs_follow_edits(client, link):
    catalog = edge().catalog
    catalog.follow()
    assert fetch(client, link.code).status_code == 302
    own = preview_of(link)
    catalog.follow()
    assert b"Own title" in fetch(client, link.code).content
    own.title = "Another"
    own.save()
    catalog.follow()
    assert b"Another" in fetch(client, link.code).content
    own.delete()
    catalog.follow()
    assert fetch(client, link.code).status_code == 302


def test_a_preview_that_was_taken_away_at_this_moment_is_a_redirect(client, link, monkeypatch):
    preview_of(link)
    entry = edge().catalog.fetch(link.pk)
    assert entry

    def overtaken(environ, name):
        entry.own_preview = None

    monkeypatch.setattr(edge(), "redirect", overtaken)
    assert fetch(client, link.code).status_code == 302
    assert len(recorded()) == 1


def test_a_person_is_redirected_though_the_link_was_edited_at_this_moment(
    client, link, monkeypatch
):
    preview_of(link)
    monkeypatch.setattr(edge(), "redirect", lambda environ, name: None)
    assert fetch(client, link.code, PEOPLE[0]).status_code == 302
    assert len(recorded()) == 1


def test_fetchers_are_answered_while_the_database_is_away(client, link, monkeypatch):
    preview_of(link)
    fetch(client, link.code)

    def away(*args):
        raise OperationalError("connection refused")

    monkeypatch.setattr(edge().catalog, "_load", away)
    assert fetch(client, link.code).status_code == 200


# The picture


def test_a_picture_is_served_for_good(client, link):
    own = with_picture(link)
    response = client.get(f"/preview/{own.picture}")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.content.startswith(b"\xff\xd8\xff")
    head = client.head(f"/preview/{own.picture}")
    assert (head.content, head["Content-Length"]) == (b"", str(len(response.content)))


@pytest.mark.parametrize(
    "name",
    ["Ab3dE9-0123456789abcdef.jpg", "../grapevine.sqlite3", "..%2fsecret_key", "x.jpg", "", "%00"],
)
def test_nothing_but_pictures_is_served(client, name):
    assert client.get(f"/preview/{name}").status_code == 404


def test_a_storage_that_is_away_asks_for_patience(client, monkeypatch):
    def away(name):
        raise ConnectionError("s3.internal refused")

    monkeypatch.setattr(default_storage, "open", away)
    response = client.get("/preview/Ab3dE9-0123456789abcdef.jpg")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert b"s3.internal" not in response.content


def test_the_short_domain_serves_pictures_where_the_admin_is_elsewhere(client, link, settings):
    settings.ADMIN_HOSTS = ["admin.example.com"]
    settings.ALLOWED_HOSTS = ["go.example.com", "admin.example.com"]
    own = with_picture(link)
    for host in settings.ALLOWED_HOSTS:
        assert client.get(f"/preview/{own.picture}", headers={"host": host}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_picture_goes_with_its_preview_and_no_sooner(link):
    own = with_picture(link)
    first = FOLDER + own.picture
    own.save()
    assert default_storage.exists(first)
    own.picture = keep_picture(link.pk, b"another")
    own.save()
    second = FOLDER + own.picture
    assert not default_storage.exists(first)
    assert default_storage.exists(second)
    own.delete()
    assert not default_storage.exists(second)


def test_two_links_share_no_file(link):
    assert keep_picture(link.pk, b"same") != keep_picture(make_link().pk, b"same")
    assert keep_picture(link.pk, b"same") == keep_picture(link.pk, b"same")
