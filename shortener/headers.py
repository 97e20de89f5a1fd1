"""What of a request's headers becomes part of a fact, cut to size."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

SIGNALS = (
    "sec-purpose",
    "purpose",
    "x-purpose",
    "x-moz",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-dest",
    "x-requested-with",
    "sec-gpc",
)
"""The headers that classify a request, beside its user agent."""
SIGNAL_KEYS = tuple("HTTP_" + name.upper().replace("-", "_") for name in SIGNALS)


def signals_of(environ: dict[str, Any], trusted_proxies: int) -> str:
    """Return what classifies a request beside its user agent, a line each."""
    scheme = environ["wsgi.url_scheme"]
    if trusted_proxies:
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", scheme)
    return join_signals(environ["REQUEST_METHOD"], scheme, *map(environ.get, SIGNAL_KEYS))


@lru_cache(maxsize=256)
def join_signals(method: str, scheme: str, *values: str | None) -> str:
    """Return method, scheme and the headers that are there as lines; few combinations occur."""
    lines = [f"{method} {scheme[:8]}"]
    lines += [
        f"{name}: {value[:64]}" for name, value in zip(SIGNALS, values, strict=True) if value
    ]
    return "\n".join(lines)


@lru_cache(maxsize=256)
def first_language(accepted: str) -> str:
    """Return the language that a browser asks for first, at most 16 characters."""
    language = accepted.partition(",")[0].partition(";")[0][:16]
    return language if language.isprintable() else ""


def host_of(url: str) -> str:
    """Return the host (and port) of an address, in small letters, at most 255 characters."""
    parts = url.split("/", 3)
    host = parts[2][:255].lower() if len(parts) > 2 else ""
    return host if host.isprintable() else ""
