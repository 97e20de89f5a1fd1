"""Answers that need no Django: JSON, and who may read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson

from shortener.catalog import SiteEntry
from shortener.headers import host_of

Environ = dict[str, Any]


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
        return json_answer(403, {"error": error}, [("Vary", "Origin")]), []
    return None, [("Vary", "Origin"), ("Access-Control-Allow-Origin", origin)]


def open_cors(environ: Environ) -> list[tuple[str, str]]:
    """Let any page read why its request was not understood."""
    return [("Access-Control-Allow-Origin", "*")] if "HTTP_ORIGIN" in environ else []


def page_of(query: str) -> tuple[str, str, str]:
    """Return what an offer asks for: its ``link``, ``site`` and ``url`` parameters."""
    values = parse_qs(query)
    link, site, url = (values.get(name, [""])[0] for name in ("link", "site", "url"))
    return link, site, url


def host_of_page(url: str) -> str:
    """Return the host of a page's address; empty where that cannot be read."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in {"http", "https"} else ""
