"""Asking the edge of a test alone: no Django behind it, so what it leaves is seen."""

from __future__ import annotations

import io
import json
from typing import Any

from shortener import codes
from shortener.edge import edge
from shortener.models import Link

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
ADDRESS = "203.0.113.5"


def environ(
    path: str, method: str = "GET", query: str = "", body: bytes = b"", **headers: str
) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REMOTE_ADDR": ADDRESS,
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "HTTP_USER_AGENT": IPHONE,
        **headers,
    }


def ask(path: str, **values: Any) -> Any:
    """Return status, headers and body; None for what is left to Django."""
    answered: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        answered.extend([int(status[:3]), dict(headers)])

    body = edge().in_front_of(lambda *_: [])(environ(path, **values), start_response)
    return (answered[0], answered[1], b"".join(body)) if answered else None


def post(events: Any, **headers: str) -> Any:
    """Report events; a body may be given as it is."""
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    return ask("/events", method="POST", body=body, **headers)


def known(link: Link) -> str:
    """Put a link into the catalog and return its code."""
    edge().catalog.fetch(link.pk)
    return link.code


def numbers(code: str) -> tuple[int, int]:
    """Return the link and the share that a code names."""
    found = codes.decode(code)
    assert found, code
    return found
