"""What Django answers where the edge does not know, and that both answer alike."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from shortener import codes, slugs
from shortener.channels import BUTTONS, BY_NAME
from shortener.edge import edge
from tests.factories import make_link, make_site
from tests.shortener.journaled import recorded

pytestmark = pytest.mark.django_db

SHARE = codes.share_id(5_000, BY_NAME["whatsapp"].number)


def test_a_first_request_redirects_and_is_counted(client):
    link = make_link(slug="summer", destination="https://example.com/article")
    for name in ("summer", link.code, codes.encode(link.pk, SHARE)):
        edge.cache_clear()
        response = client.get(f"/{name}")
        assert response.status_code == 302
        assert response["Location"].startswith("https://example.com/article")
        assert response["Cache-Control"] == "private, no-store"
        assert "noindex" not in str(response.headers)
        assert len(recorded()) == 1


def test_the_edge_answers_the_second_request_alike(client):
    code = codes.encode(make_link().pk, SHARE)
    response = client.get(f"/{code}")
    answered: list[Any] = []
    application = edge().in_front_of(lambda *_: [])
    application(response.wsgi_request.META, lambda *answer: answered.extend(answer))
    status, headers = answered
    assert status == f"{response.status_code} Found"
    for name, value in headers:
        assert response[name] == value


def test_a_post_is_not_allowed():
    response = Client(enforce_csrf_checks=True).post("/" + make_link().code)
    assert response.status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/a%00b",
        "/offer?link=a%00b",
        "/offer?site=a%00b&url=https://example.com/",
        "/offer?site=s&url=https://example.com/%00",
        "/share/whatsapp?site=s&url=https://example.com/%00",
    ],
)
def test_a_nul_is_unknown(client, path):
    make_site(key="s")
    assert client.get(path).status_code == 404


def test_a_range_is_ignored(client):
    response = client.get("/" + make_link().code, headers={"Range": "bytes=0-524288"})
    assert response.status_code == 302


def test_an_unknown_code_is_a_page(client):
    response = client.get("/Ab3dE9xZq")
    assert response.status_code == 404
    assert "text/html" in response["Content-Type"]
    assert recorded() == []


def test_an_unknown_name_is_looked_up_once(client, django_assert_num_queries):
    client.get("/nothing-here")
    with django_assert_num_queries(0):
        assert client.get("/nothing-here").status_code == 404


@pytest.mark.parametrize("length", range(1, 10))
def test_codes_as_they_are_typed_are_cheap(client, length, django_assert_num_queries):
    code = codes.encode(make_link().pk, codes.share_id(10**6, 1))
    with django_assert_num_queries(1):
        client.get("/" + code[:length] + "-")


def test_a_link_that_is_switched_off_is_gone(client):
    response = client.get("/" + make_link(active=False).code)
    assert response.status_code == 410
    assert "no-store" in response["Cache-Control"]
    assert recorded() == []


def test_an_expired_link_is_gone(client):
    link = make_link(expires=timezone.now() - timedelta(days=1))
    assert client.get("/" + link.code).status_code == 410


def test_a_fallback_takes_over_and_counts(client):
    link = make_link(active=False, fallback_url="https://example.com/other")
    response = client.get("/" + codes.encode(link.pk, SHARE))
    assert response.status_code == 302
    assert response["Location"] == "https://example.com/other"
    (fact,) = recorded()
    assert fact["share"] == SHARE


def test_a_channel_that_does_not_exist_is_not_found(client):
    code = codes.encode(make_link().pk, codes.share_id(5_000, 61))
    assert client.get(f"/{code}").status_code == 404


def test_while_the_database_is_away_an_unknown_link_asks_for_patience(client, monkeypatch):
    def away(*args):
        raise OperationalError("connection refused")

    monkeypatch.setattr(edge().catalog, "_load", away)
    response = client.get("/" + make_link().code)
    assert response.status_code == 503
    assert response["Retry-After"] == "10"
    assert "connection refused" not in response.content.decode()


# Offers


def test_an_offer_for_a_page(client):
    site = make_site(channels=["telegram"])
    link = make_link(site=site, destination="https://example.com/a")
    response = client.get("/offer", {"site": site.key, "url": "https://example.com/a#x"})
    assert response.status_code == 200
    (code,) = response.json()["codes"].values()
    numbers = codes.decode(code)
    assert numbers is not None
    assert numbers[0] == link.pk


def test_an_offer_for_a_link(client):
    link = make_link()
    assert client.get("/offer", {"link": link.code}).status_code == 200
    assert client.get("/offer", {"link": link.code}).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ({}, 404, "There is no site with the key ''."),
        ({"site": "nobody", "url": "https://example.com/"}, 404, "no site with the key 'nobody'"),
        ({"link": "Ab3dE9"}, 404, "There is no link 'Ab3dE9'."),
        ({"site": "s", "url": "https://evil.test/"}, 403, "'evil.test' is not a host of the site"),
        ({"site": "s", "url": "javascript:alert(1)"}, 403, "is not a host of the site"),
        ({"site": "s", "url": "https://[::1"}, 403, "is not a host of the site"),
        ({"site": "s", "url": "https://example.com/new"}, 404, "No link leads to this page yet."),
        ({"site": "s", "url": "https://example.com:99999/"}, 403, "is not a host of the site"),
    ],
)
def test_a_refused_offer_says_why(client, query, status, error):
    make_site(key="s")
    response = client.get("/offer", query)
    assert response.status_code == status
    assert error in response.json()["error"]


def test_a_link_that_is_switched_off_is_not_offered(client):
    link = make_link(active=False)
    assert client.get("/offer", {"link": link.code}).status_code == 410


# Events


def test_a_press_of_a_link_that_the_edge_does_not_know_is_recorded(client):
    code = codes.encode(make_link().pk, SHARE)
    response = client.post(
        "/events", json.dumps([{"kind": "press", "code": code}]), content_type="text/plain"
    )
    assert response.status_code == 204
    assert [fact["share"] for fact in recorded()] == [SHARE]


def test_a_press_of_no_link_says_why(client):
    code = codes.encode(999, SHARE)
    response = client.post(
        "/events", [{"kind": "press", "code": code}], content_type="application/json"
    )
    assert response.status_code == 400
    assert "is not the code of a link" in response.json()["error"]


def test_a_preflight_is_answered(client):
    response = client.options("/events", headers={"Origin": "https://example.com"})
    assert response.status_code == 204
    assert response["Access-Control-Allow-Headers"] == "Content-Type"


# The share route


@pytest.mark.parametrize("channel", [b for b in BUTTONS if b.compose], ids=lambda c: c.name)
def test_a_press_leads_to_the_app_with_a_code_of_its_own(client, channel):
    link = make_link(title="A title & more")
    response = client.get(f"/share/{channel.name}", {"link": link.code, "placement": "top"})
    assert response.status_code == 303
    (fact,) = recorded()
    assert (fact["kind"], fact["link"], fact["placement"]) == ("press", link.pk, "top")
    assert codes.channel_number(fact["share"]) == channel.number
    code = codes.encode(link.pk, fact["share"])
    url = f"http://localhost:8000/{code}"
    assert response["Location"] == channel.compose_url(text="A title & more", url=url)
    assert response["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("channel", [b for b in BUTTONS if not b.compose], ids=lambda c: c.name)
def test_an_app_that_no_address_opens_gets_a_page_with_the_link(client, channel):
    link = make_link()
    response = client.get(f"/share/{channel.name}", {"link": link.code})
    (fact,) = recorded()
    assert response.status_code == 200
    assert codes.encode(link.pk, fact["share"]) in response.content.decode()


def test_each_press_gets_a_code_of_its_own(client):
    link = make_link()
    first = client.get("/share/whatsapp", {"link": link.code})["Location"]
    assert client.get("/share/whatsapp", {"link": link.code})["Location"] != first


def test_a_press_may_name_the_page(client):
    site = make_site()
    make_link(site=site, destination="https://example.com/a")
    query = {"site": site.key, "url": "https://example.com/a"}
    assert client.get("/share/whatsapp", query).status_code == 303


def test_a_text_of_its_own_is_sent(client):
    query = {"link": make_link().code, "text": "Look\x00 here"}
    assert "Look%20here" in client.get("/share/whatsapp", query)["Location"]


@pytest.mark.parametrize(
    ("path", "query", "status", "error"),
    [
        ("/share/carrier-pigeon", {}, 404, "There is no channel 'carrier-pigeon'. Known are: wh"),
        ("/share/slack", {}, 404, "There is no channel 'slack'"),
        ("/share/link", {}, 404, "There is no channel 'link'"),
        ("/share/whatsapp", {}, 404, "no site with the key ''"),
        ("/share/whatsapp", {"link": "Ab3dE9"}, 404, "There is no link 'Ab3dE9'."),
        ("/share/whatsapp", {"site": "s", "url": "https://evil.test"}, 403, "is not a host"),
    ],
)
def test_a_refused_press_says_why(client, path, query, status, error):
    make_site(key="s")
    response = client.get(path, query)
    assert response.status_code == status
    assert error in response.json()["error"]
    assert recorded() == []


def test_a_link_that_is_switched_off_cannot_be_shared(client):
    query = {"link": make_link(active=False).code}
    assert client.get("/share/whatsapp", query).status_code == 410


# Addresses


def test_slugs_cannot_shadow_a_route():
    patterns = (str(p.pattern) for p in get_resolver().url_patterns)
    firsts = {pattern.partition("/")[0] for pattern in patterns}
    resolver = get_resolver("shortener.urls")
    firsts |= {str(p.pattern).partition("/")[0] for p in resolver.url_patterns}
    names = {first for first in firsts if slugs.SLUG.fullmatch(first)}
    assert names - {"<name>"} <= slugs.RESERVED


def test_crawlers_are_asked_not_to_press_buttons(client):
    assert b"Disallow: /share/\n" in client.get("/robots.txt").content
