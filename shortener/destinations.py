"""Where a link may lead, and when two addresses are the same page."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings

DEMO_PATH = "/demo/"

TRACKING = re.compile(r"utm_\w+|fbclid|gclid|msclkid|dclid|yclid|igshid|mc_[ce]id|_ga|ref_src")
"""Parameters that say where a visitor came from, not which page it is."""

DEFAULT_PORTS = {"http": 80, "https": 443}


def host_matches(host: str, allowed: Collection[str]) -> bool:
    """Say whether the host is one of the allowed ones; ``.example.com`` allows subdomains."""
    return any(
        host == entry or (entry.startswith(".") and f".{host}".endswith(entry))
        for entry in allowed
    )


def problem(url: str, *, own_hosts: Collection[str], allowed_hosts: Collection[str] | None) -> str:
    """Return why a link may not lead to the URL, or an empty string where it may.

    ``allowed_hosts`` is None for whoever may link anywhere.
    """
    if not url.isprintable() or " " in url:
        return "The address holds blanks or control characters; encode them as %20 and the like."
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port
    except ValueError as error:
        return f"This is not a valid address: {error}."
    if parts.scheme not in DEFAULT_PORTS:
        return "The address must start with https:// or http://."
    if not host or "\\" in url:
        return "The address names no host."
    if parts.username is not None or parts.password is not None:
        return "The address holds a user name or password, which every visitor would see."
    if host in own_hosts and not parts.path.startswith(DEMO_PATH):
        return f"{host} is our own short domain: the link would lead back to itself."
    if allowed_hosts is not None and not host_matches(host, allowed_hosts):
        hosts = ", ".join(sorted(allowed_hosts)) or "none yet"
        return f"{host} is not a host of this site. Its hosts are: {hosts}."
    return ""


def page_key(url: str) -> str:
    """Return the address by which a page is known, whatever led to it.

    Host in small letters, no default port, no tracking parameters, no fragment.

    >>> page_key("HTTPS://Example.com:443/a?utm_source=x&id=1#top")
    'https://example.com/a?id=1'

    Raises ValueError where the URL cannot be parsed.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port and parts.port != DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not TRACKING.fullmatch(name)
    ]
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{parts.scheme}://{host}{parts.path or '/'}{query}"


def own_hosts() -> set[str]:
    """Return the hosts that answer short links whatever the site."""
    return {settings.PUBLIC_HOST}
