"""Fetchers over real HTTP: what they get of a link with its own preview, and that it counts."""

from __future__ import annotations

import io
import re
import socket
import sys
import time

import pytest
from PIL import Image

from shortener import codes
from shortener.channels import BY_NAME
from shortener.models import Link, OwnPreview
from shortener.own_previews import keep_picture
from shortener.pictures import as_preview
from tests.end_to_end.databases import sqlite
from tests.end_to_end.processes import Stack, wait_until
from tests.factories import make_link
from tests.facts import PERSON, WHATSAPP
from tests.shortener.images import image, saved

IMESSAGE = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
    "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
)
FETCHERS = (WHATSAPP, "WhatsApp/2", "TelegramBot (like TwitterBot)", IMESSAGE)


def write_link() -> None:
    """Make a link and print the code of one of its shares; runs in Django beside the stack."""
    link = make_link(destination="https://example.com/")
    share = codes.share_id(90_000, BY_NAME["whatsapp"].number)
    sys.stdout.write(codes.encode(link.pk, share))


def write_preview() -> None:
    """Give the link its own preview, and print the time of the commit."""
    link = Link.objects.latest("pk")
    content = saved(image())
    picture = keep_picture(link.pk, as_preview(io.BytesIO(content), len(content)))
    OwnPreview.objects.create(link=link, title="Own title", picture=picture)
    sys.stdout.write(f"{time.time()}")


def take_preview_away() -> None:
    OwnPreview.objects.get().delete()


@pytest.fixture
def stack(tmp_path):
    with Stack(tmp_path / "data", DEMO="false", WEB_WORKERS="2") as stack:
        yield stack


def run(stack, function):
    return stack.python(f"from {__name__} import {function}; {function}()").strip()


def as_it_came(stack, code, method="GET"):
    """Return every byte of the answer to a request."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as connection:
        lines = [f"{method} /{code} HTTP/1.1", f"Host: localhost:{stack.port}"]
        lines += [f"User-Agent: {WHATSAPP}", "Connection: close", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_fetchers_get_the_own_preview_from_every_process_and_are_counted_once(stack):
    code = run(stack, "write_link")
    asked = 0

    def fetch(agent, **headers):
        nonlocal asked
        asked += 1
        return stack.get(f"/{code}", User_Agent=agent, **headers)

    for _ in range(10):
        assert fetch(WHATSAPP).status == 302
    since = float(run(stack, "write_preview"))
    wait_until(
        lambda: all(fetch(WHATSAPP).status == 200 for _ in range(30)),
        timeout=2.0 - (time.time() - since),
        what="the own preview from every process",
    )

    for agent in FETCHERS:
        answer = fetch(agent, Range="bytes=0-524287")
        assert answer.status == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert b'property="og:title" content="Own title"' in answer.body
    [picture] = re.findall(
        rb'og:image" content="http://localhost:\d+(/preview/[^"]+)"', answer.body
    )
    served = stack.get(picture.decode(), User_Agent=WHATSAPP)
    assert (served.status, served.headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(served.body)).size == (1200, 630)

    asked += 2
    head, _, body = as_it_came(stack, code, "HEAD").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert body == b""
    whole = as_it_came(stack, code).partition(b"\r\n\r\n")[2]
    assert f"content-length: {len(whole)}".encode() in head.lower()

    people = 20
    assert {stack.get(f"/{code}", User_Agent=PERSON).status for _ in range(people)} == {302}
    database = sqlite(stack.directory)
    query = "SELECT sum(previews), sum(clicks) FROM analytics_dailycontent"
    wait_until(
        lambda: database.rows(query) == [(asked, people)],
        what=f"{asked} previews and {people} clicks",
    )
    assert stack.manage("reconcile").returncode == 0

    run(stack, "take_preview_away")
    wait_until(lambda: fetch(WHATSAPP).status == 302, timeout=2, what="the redirect")
    assert stack.get(picture.decode()).status == 404
