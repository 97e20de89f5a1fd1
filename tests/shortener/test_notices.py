import re

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from tests.factories import make_link

pytestmark = pytest.mark.django_db

PAGES = ["not_found", "gone", "unavailable"]


@pytest.mark.parametrize("name", PAGES)
def test_a_notice_needs_no_request_and_no_context(name):
    html = render_to_string(f"shortener/{name}.html")

    assert "<h1>" in html
    assert '<meta name="robots" content="noindex">' in html


def test_an_unknown_link_says_that_it_leads_nowhere(client):
    response = client.get("/no-such-link")

    assert response.status_code == 404
    assert "This link leads nowhere" in response.content.decode()


def test_a_link_that_is_switched_off_says_that_it_has_ended(client):
    response = client.get(f"/{make_link(active=False).code}")

    assert response.status_code == 410
    assert "This link has ended" in response.content.decode()


def test_the_hand_over_shows_a_link_to_copy_and_what_to_do(client):
    html = client.get(f"/share/signal?link={make_link(title='Plums & co').code}").content.decode()

    assert "<h1>Plums &amp; co</h1>" in html
    assert "Copy this link, then paste it in Signal." in html
    assert re.search(r'<input id="short-url" type="text" value="http://[^"]+/\w+" readonly', html)
    assert re.search(
        '<button type="button" data-copy="short-url" data-copied="Copied" [^>]*hidden>', html
    )
    assert "QR code" not in html


def test_the_hand_over_of_a_qr_code_shows_it_in_any_size(client):
    html = client.get(f"/share/qr?link={make_link().code}").content.decode()

    assert re.search(r'<div class="qr" role="img" aria-label="QR code of [^"]+"><svg', html)
    assert "viewBox" in html


@pytest.mark.parametrize("path", ["/nowhere", "/share/qr?link=", "/share/copy?link="])
def test_pages_keep_to_the_content_security_policy(client, path):
    link = make_link()
    response = client.get(f"{path}{link.code}" if path.endswith("=") else path)
    html = response.content.decode()

    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"\son\w+=", html)
    assert not re.search(r"<script(?![^>]* src=)", html)


@pytest.mark.parametrize("path", ["/nowhere", "/share/copy?link="])
def test_pages_load_nothing_from_elsewhere_and_all_that_is_there(client, path):
    link = make_link()
    html = client.get(f"{path}{link.code}" if path.endswith("=") else path).content.decode()
    loaded = re.findall(
        r'<(?:link rel="(?:icon|stylesheet)"[^>]* href|script[^>]* src)="([^"]+)', html
    )

    assert loaded
    for url in loaded:
        assert finders.find(url.removeprefix("/static/")), url
