"""share.js: current under its name, and for good under its hash."""

import base64
import gzip
import hashlib
import re

import pytest
from django.db import OperationalError

from shortener import script
from shortener.models import Script

pytestmark = pytest.mark.django_db

SOURCE = """// A comment.
const a = 1
  /**
   * @param {number} b
   */
  const f = (b) => {

    return "https://example.com/?a = b" // stays
  }
"""
SERVED = 'const a=1\nconst f=(b)=>{\nreturn "https://example.com/?a = b" // stays\n}\n'
DIGEST = hashlib.sha256(SERVED.encode()).hexdigest()
OLD = "old()\n"
OLD_DIGEST = hashlib.sha256(OLD.encode()).hexdigest()


@pytest.fixture(autouse=True)
def source(tmp_path, monkeypatch):
    """A script of the tests' own; what is kept of the real one is forgotten."""
    file = tmp_path / "share.js"
    file.write_text(SOURCE)
    monkeypatch.setattr(script, "SOURCE", file)
    forget()
    yield file
    forget()


def forget():
    for kept in (script.served, script.digest, script.keep, script.packed):
        kept.cache_clear()


def content(response):
    return response.content.decode()


def pinned(client, digest=DIGEST, **values):
    return client.get(f"/share.{digest}.js", **values)


def test_it_is_served_without_comments_indentation_and_blanks(client):
    response = client.get("/share.js")
    assert content(response) == SERVED
    assert response["Content-Type"] == "text/javascript; charset=utf-8"


def test_the_current_one_is_asked_for_again_within_the_hour(client):
    response = client.get("/share.js")
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response["ETag"] == f'W/"{DIGEST}"'


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (f'"{DIGEST}"', 304),
        (f'W/"{DIGEST}"', 304),
        (f'"other", W/"{DIGEST}", "third"', 304),
        ("*", 304),
        ('"other"', 200),
        (DIGEST, 200),
        ("", 200),
        (f'"{DIGEST}', 200),
    ],
)
def test_who_has_it_already_is_told_so(client, wanted, status):
    for method in (client.get, client.head):
        response = method("/share.js", headers={"If-None-Match": wanted})
        assert response.status_code == status
        assert response["ETag"] == f'W/"{DIGEST}"'
        assert response["Cache-Control"] == "public, max-age=3600"
        assert response["Vary"] == "Accept-Encoding"
        assert response["Access-Control-Allow-Origin"] == "*"
        if status == 304:
            assert response.content == b""


def test_the_pinned_one_never_changes(client):
    response = pinned(client)
    assert content(response) == SERVED
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


def test_every_page_may_load_it(client):
    for path in ("/share.js", f"/share.{DIGEST}.js"):
        response = client.get(path, headers={"Origin": "https://example.com"})
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert response["X-Content-Type-Options"] == "nosniff"


def test_head_is_answered_without_the_content(client):
    for path in ("/share.js", f"/share.{DIGEST}.js"):
        response = client.head(path)
        assert response.status_code == 200
        assert response.content == b""


def test_nobody_can_post_to_it(client):
    assert client.post("/share.js").status_code == 405


# Packed


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("GZIP", True),
        ("gzip;q=0.001", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
        ("br", False),
        ("", False),
    ],
)
def test_it_is_packed_for_those_who_can_unpack_it(client, accepted, is_packed):
    for path in ("/share.js", f"/share.{DIGEST}.js"):
        response = client.get(path, headers={"Accept-Encoding": accepted})
        assert response["Vary"] == "Accept-Encoding"
        assert response.has_header("Content-Encoding") is is_packed
        body = gzip.decompress(response.content) if is_packed else response.content
        assert body.decode() == SERVED


def test_it_is_packed_once(client, monkeypatch):
    client.get("/share.js", headers={"Accept-Encoding": "gzip"})
    monkeypatch.setattr(gzip, "compress", None)
    assert client.get("/share.js", headers={"Accept-Encoding": "gzip"}).status_code == 200


def test_the_real_one_is_as_small_as_promised(client, monkeypatch):
    monkeypatch.undo()
    forget()
    response = client.get("/share.js", headers={"Accept-Encoding": "gzip"})
    assert len(response.content) <= 5 * 1024
    # No line that begins like a comment is anything else, and nothing but blanks is lost.
    kept = re.sub(r"/\*.*?\*/", "", script.SOURCE.read_text(), flags=re.DOTALL)
    lines = [line.strip() for line in kept.splitlines()]
    code = "\n".join(x for x in lines if x and not x.startswith("//")) + "\n"
    assert re.sub(" ", "", script.served()) == re.sub(" ", "", code)
    assert re.findall(r"\w+", script.served()) == re.findall(r"\w+", code)
    for texts in (r'"[^"\n]*"', r"'[^'\n]*'", r"`[^`]*`"):
        assert re.findall(texts, script.served()) == re.findall(texts, code)


# Earlier releases


def test_a_version_that_was_handed_out_is_served_after_an_upgrade(client, source):
    assert content(pinned(client)) == SERVED
    source.write_text("new()\n")
    forget()
    assert content(client.get("/share.js")) == "new()\n"
    response = pinned(client, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(response.content).decode() == SERVED
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_version_is_kept_once(client, django_assert_num_queries):
    pinned(client)
    with django_assert_num_queries(0):
        pinned(client)
    assert [kept.digest for kept in Script.objects.all()] == [DIGEST]


@pytest.mark.parametrize("digest", ["0" * 64, "ab", DIGEST.upper(), f"{DIGEST}0", "../settings"])
def test_a_version_that_never_was_is_not_found(client, digest):
    assert pinned(client, digest).status_code == 404


def test_without_the_database_the_current_one_is_served_and_others_ask_for_patience(
    client, monkeypatch
):
    def away(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(Script.objects, "get_or_create", away)
    monkeypatch.setattr(Script.objects, "filter", away)
    assert client.get("/share.js").status_code == 200
    assert content(pinned(client)) == SERVED
    assert pinned(client, OLD_DIGEST).status_code == 503
    monkeypatch.undo()
    Script.objects.create(digest=OLD_DIGEST, content=OLD)
    assert content(pinned(client, OLD_DIGEST)) == OLD


# What sites put into their pages


def test_the_snippet_names_server_and_site():
    assert script.snippet("https://go.example/", "demo", "gv", is_pinned=False) == (
        '<script type="module" src="https://go.example/share.js" data-site="demo"></script>'
    )


def test_the_snippet_names_a_tag_parameter_of_the_sites_own():
    assert 'data-tag="via"' in script.snippet("/", "demo", "via", is_pinned=False)


def test_the_pinned_snippet_loads_this_very_script_and_no_other(client):
    snippet = script.snippet("/", "demo", "gv", is_pinned=True)
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', snippet))
    served = client.get(attributes["src"]).content
    digest = base64.b64encode(hashlib.sha256(served).digest()).decode()
    assert attributes["integrity"] == f"sha256-{digest}"
    assert attributes["crossorigin"] == "anonymous"
