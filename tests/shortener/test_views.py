"""What Django answers where the edge does not know, and that both answer alike."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from shortener import codes, slugs
from shortener.channels import BY_NAME
from shortener.edge import edge
from tests.factories import make_link
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


def test_a_nul_is_unknown(client):
    assert client.get("/a%00b").status_code == 404


def test_a_range_is_ignored(client):
    response = client.get("/" + make_link().code, headers={"Range": "bytes=0-524288"})
    assert response.status_code == 302


def test_an_unknown_code_is_a_page(client):
    response = client.get("/Ab3dE9xZq")
    assert response.status_code == 404
    assert "text/html" in response["Content-Type"]
    assert recorded() == []


def test_a_name_that_no_link_can_have_is_not_kept_in_memory(client):
    client.get("/" + "a" * 2_000)
    assert edge().catalog.memos.unknown == {}


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


# Addresses


def test_slugs_cannot_shadow_a_route():
    patterns = (str(p.pattern) for p in get_resolver().url_patterns)
    firsts = {pattern.partition("/")[0] for pattern in patterns}
    resolver = get_resolver("shortener.urls")
    firsts |= {str(p.pattern).partition("/")[0] for p in resolver.url_patterns}
    names = {first for first in firsts if slugs.SLUG.fullmatch(first)}
    assert names - {"<name>"} <= slugs.RESERVED


@pytest.mark.parametrize("name", ["share.js", f"share.{'0' * 64}.js", "robots.txt", "QR", "Offer"])
def test_no_short_link_can_be_called_as_what_we_serve(name):
    assert codes.decode(name) is None
    with pytest.raises(ValidationError):
        slugs.validate_slug(name)


def test_crawlers_are_asked_not_to_press_buttons(client):
    assert b"Disallow: /share/\n" in client.get("/robots.txt").content
