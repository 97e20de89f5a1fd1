"""The least that a WSGI server can do: the same 302 for everyone."""

from collections.abc import Callable
from typing import Any

HEADERS = [
    ("Location", "https://example.com/article?utm_source=whatsapp&gv=Ab3dE9xZq"),
    ("Cache-Control", "private, no-store"),
    ("Content-Length", "0"),
]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("302 Found", HEADERS)
    return [b""]
