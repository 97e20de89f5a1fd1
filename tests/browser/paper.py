"""A site of its own, on another host than the short domain: its pages are what a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Page, Request

from tests.end_to_end.databases import sqlite
from tests.end_to_end.processes import Stack, wait_until
from tests.factories import make_site

KEY = "paper"
BAR = '<grapevine-share placement="bar"></grapevine-share>'
NAME_BARS = """
(bars, placement) => bars.forEach((bar) => bar.setAttribute("placement", placement))
"""
SETTLED = """
() => [...document.querySelectorAll("grapevine-share")].some((bar) =>
  [...bar.shadowRoot.querySelectorAll("a")].some(({href}) => href && !href.includes("/share/")))
"""

_opened: set[str] = set()


def write_site() -> None:
    """Make the site; runs in Django beside the stack."""
    make_site(name="The Paper", key=KEY, hosts=["127.0.0.1"])


class Document(NamedTuple):
    html: str
    headers: dict[str, str]


class Paper:
    """Serves the pages that a test puts there, each under an address that no other test has."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._documents: dict[str, Document] = {}
        self._numbers = count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self._documents))
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def script(self, **attributes: str) -> str:
        """Return the element that brings the buttons. Underscores in attributes are -."""
        given = {name.replace("_", "-"): value for name, value in attributes.items()}
        attributes = {"src": f"{self.stack.base}/share.js", "data-site": KEY} | given
        text = " ".join(f'{name}="{value}"' for name, value in attributes.items())
        return f'<script type="module" {text}></script>'

    def put(
        self,
        body: str = BAR,
        *,
        title: str = "An article",
        lang: str = "en",
        head: str = "",
        script: str | None = None,
        path: str = "",
        **headers: str,
    ) -> str:
        """Publish a page; return its address. Underscores in the names of headers are -."""
        path = path or f"/article-{next(self._numbers)}"
        brings = self.script() if script is None else script
        html = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title>{head}{brings}</head><body><main>{body}</main></body></html>"
        )
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self._documents[path] = Document(html, sent)
        return self.base + path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the query finds in the database of the product."""
        return sqlite(self.stack.directory).rows(query)

    def shares(self, url: str) -> list[tuple[Any, ...]]:
        """Return the shares of a page: channel, placement, and the parent's placement."""
        return self.rows(
            "SELECT share.channel, share.placement, parent.placement FROM analytics_share share "
            "JOIN shortener_link link ON link.id = share.link_id "
            "LEFT JOIN analytics_share parent ON parent.id = share.parent "
            f"WHERE link.destination = '{url}' AND share.pressed IS NOT NULL ORDER BY share.id"
        )

    def await_shares(self, url: str, *expected: tuple[Any, ...]) -> None:
        """Wait until a page has just these shares."""
        wait_until(
            lambda: sorted(self.shares(url), key=str) == sorted(expected, key=str),
            timeout=10,
            what=f"{expected} among the shares of {url}, which are {self.shares(url)}",
        )


def handler(documents: dict[str, Document]) -> type[BaseHTTPRequestHandler]:
    """Return the class that serves the documents."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = documents.get(urlsplit(self.path).path)
            body = found.html.encode() if found else b""
            missing = 204 if self.path == "/favicon.ico" else 404
            self.send_response(200 if found else missing)
            for name, value in (found.headers if found else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


def open_page(window: BrowserContext, url: str) -> Page:
    """Open a page in a tab of its own, and wait until its buttons have their codes."""
    page = window.new_page()
    page.goto(url)
    page.wait_for_function(SETTLED)
    return page


def message_of(page: Page, press: Callable[[], None]) -> str:
    """Return the message with which pressing opens WhatsApp."""

    def is_new(request: Request) -> bool:
        # Nobody answers there, so tabs that are open already ask again.
        return request.url.startswith("https://wa.me/") and request.url not in _opened

    with page.context.expect_event("request", is_new) as asked:
        press()
    _opened.add(asked.value.url)
    [text] = parse_qs(urlsplit(asked.value.url).query)["text"]
    return text


def press_whatsapp(page: Page, *, placement: str = "") -> str:
    """Press WhatsApp, in a bar of that placement if one is given; return the link it sends."""
    if placement:
        page.locator("grapevine-share").evaluate_all(NAME_BARS, placement)
    button = page.get_by_role("link", name="WhatsApp").first
    return message_of(page, button.click).rpartition(" ")[2]


def events_of(window: BrowserContext) -> list[dict[str, Any]]:
    """Return a list that fills with what the pages of the window report."""
    events: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/events"):
            events.extend(json.loads(request.post_data or "[]"))

    window.on("request", note)
    return events


def await_events(page: Page, events: list[dict[str, Any]], number: int) -> None:
    """Wait until so many events are reported; news comes while the browser is spoken to."""
    wait_until(
        lambda: page.evaluate("true") and len(events) >= number, what=f"{number} events, {events}"
    )
