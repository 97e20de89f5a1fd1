"""Answers that need no Django: JSON, and who may read it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson

from shortener.catalog import SiteEntry
from shortener.channels import BUTTONS, BY_NAME, Channel
from shortener.headers import host_of

Environ = dict[str, Any]

WITH_CODES = {channel.name: channel for channel in (*BUTTONS, BY_NAME["addressbar"])}
"""The channels that a page can ask codes for."""


class Answer(NamedTuple):
    """A complete HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def json_answer(status: int, body: Any, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    content = orjson.dumps(body)
    return Answer(
        status,
        [
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
            ("Content-Length", str(len(content))),
            *headers,
        ],
        content,
    )


def cors(environ: Environ, site: SiteEntry) -> tuple[Answer | None, list[tuple[str, str]]]:
    """Return a refusal for a page of a foreign host, or None and the headers for one of ours.

    A request without ``Origin`` comes from our own pages, or from no browser at all.
    """
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return None, [("Vary", "Origin")]
    host = host_of(origin)
    if not site.allows(host.partition(":")[0]):
        error = f"{host or origin[:100]} is not a host of the site {site.key}."
        return json_answer(403, {"error": error}, [("Vary", "Origin"), *open_cors(environ)]), []
    return None, [("Vary", "Origin"), ("Access-Control-Allow-Origin", origin)]


def open_cors(environ: Environ) -> list[tuple[str, str]]:
    """Let any page read why its request was refused, and when to come back."""
    if "HTTP_ORIGIN" not in environ:
        return []
    return [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "Retry-After"),
    ]


class Asked(NamedTuple):
    """What an offer or a button asks for."""

    link: str
    """A code or slug; where it is given, site and page need not be."""
    site: str
    url: str
    title: str
    image: str
    channels: tuple[Channel, ...]
    """Empty: those of the site."""


def asked(query: str) -> Asked:
    """Return what a query asks for. Channels that do not exist are left out."""
    values = parse_qs(query)
    link, site, url, title, image, names = (values.get(name, [""])[0] for name in Asked._fields)
    known = {name: WITH_CODES[name] for name in names.split(",") if name in WITH_CODES}
    return Asked(link, site, url, title, image, tuple(known.values()))


def offer_key(query: str) -> str:
    """Return the part of an offer's query that says what it is for.

    Title and image differ from that only where they come last, in this order.
    """
    key, _, said = query.partition("&title=")
    return query if "&" in said.replace("&image=", "", 1) else key


@lru_cache(maxsize=4096)
def host_of_page(url: str) -> str:
    """Return the host of a page's address; empty where that cannot be read."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in {"http", "https"} else ""
